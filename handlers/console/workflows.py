"""The workflow of an app: its draft, its versions, and what the editor needs to know."""

from __future__ import annotations

from typing import Any

import orjson

from engine.workflow.defaults import default_config, default_types
from handlers import workflows as drafts
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.draft_variables import render_draft_variable_values
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from handlers.rendering.workflows import render_environment, render_saved, render_workflow, render_workflow_list
from models import draft_variable as draft_variables
from models import tool_provider as providers
from models import workflow as workflows
from models.scope import Scope
from models.workflow import Bump, Workflow

EMPTY_GRAPH: dict[str, Any] = {"nodes": [], "edges": []}


async def get_draft_workflow(call: Call, *, app_id: str) -> schemas.Workflow:
    """Show the draft."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.draft(scope, app_id)
        return await _rendered(scope, found)


async def save_draft_workflow(
    call: Call, *, app_id: str, body: schemas.DraftSaveRequest | None = None
) -> schemas.DraftSaved:
    """Save the draft as it is, finished or not."""
    given: dict[str, Any] = dict(body or {})
    async with call.services.database.workspace(call.workspace_id) as scope:
        saved = await drafts.write_draft(
            call,
            scope,
            await drafts.app_of(scope, app_id),
            graph=given.get("graph") or EMPTY_GRAPH,
            features=given.get("features"),
            environment=given.get("environment_variables"),
            conversation=given.get("conversation_variables"),
            expected_hash=given.get("hash"),
        )
    return render_saved(saved)


async def validate_draft_workflow(call: Call, *, app_id: str) -> schemas.Result:
    """Say everything that keeps the draft from being published."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.draft(scope, app_id)
    drafts.check(found)
    return {"result": "success"}


async def save_draft_features(call: Call, *, app_id: str, body: schemas.DraftFeaturesRequest) -> schemas.Result:
    """Save what the app offers beside its graph."""
    await drafts.change_draft(call, app_id, features=body["features"])
    return {"result": "success"}


async def list_draft_environment_variables(call: Call, *, app_id: str) -> schemas.EnvironmentVariableList:
    """List the environment variables, secrets hidden."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        return render_environment(await workflows.draft(scope, app_id))


async def save_draft_environment_variables(
    call: Call, *, app_id: str, body: schemas.EnvironmentVariablesRequest
) -> schemas.Result:
    """Replace the environment variables."""
    await drafts.change_draft(call, app_id, environment=body["environment_variables"])
    return {"result": "success"}


async def list_draft_conversation_variables(call: Call, *, app_id: str) -> schemas.DraftVariableValues:
    """List the conversation variables with the values that test runs left in them."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        await workflows.draft(scope, app_id)
        found = await draft_variables.of_node(scope, app_id, draft_variables.CONVERSATION)
    return render_draft_variable_values(found)


async def save_draft_conversation_variables(
    call: Call, *, app_id: str, body: schemas.ConversationVariablesRequest
) -> schemas.Result:
    """Replace the conversation variables."""
    await drafts.change_draft(call, app_id, conversation=body["conversation_variables"])
    return {"result": "success"}


async def get_published_workflow(call: Call, *, app_id: str) -> schemas.PublishedWorkflow:
    """Show what the app's users run, if anything was published."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.find_published(scope, app_id)
        return await _rendered(scope, found) if found else None


async def publish_workflow(call: Call, *, app_id: str, body: schemas.PublishRequest | None = None) -> schemas.Published:
    """Make the draft a version, if it can run."""
    said: dict[str, Any] = dict(body or {})
    bump: Bump = said.get("bump") or "patch"
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        await workflows.lock(scope, app_id)
        drafts.check(await workflows.draft(scope, app_id))
        made = await workflows.publish(
            scope,
            app_id,
            bump=bump,
            marked_name=said.get("marked_name") or "",
            marked_comment=said.get("marked_comment") or "",
            account_id=call.account.account_id,
        )
    moment = unix(made.created_at)
    return {
        "result": "success",
        "id": made.id,
        "version": made.version,
        "published_at": moment,
        "created_at": moment,
    }


async def list_workflow_versions(
    call: Call,
    *,
    app_id: str,
    page: int = 1,
    limit: int = 20,
    user_id: str | None = None,
    named_only: bool = False,
) -> schemas.WorkflowList:
    """List the draft and the versions, the newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.versions(
            scope, app_id, page=page, limit=limit, created_by=user_id or None, named_only=named_only
        )
        is_tool = await providers.workflow_tool_of(scope, app_id) is not None
        return render_workflow_list(found, await drafts.people_of(scope, found.items), is_tool=is_tool)


async def update_workflow_version(
    call: Call, *, app_id: str, workflow_id: str, body: schemas.VersionMark
) -> schemas.Workflow:
    """Give a version its name or its comment."""
    changes = {name: str(value) for name, value in body.items() if name in _MARKS and value is not None}
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.version(scope, workflow_id, app_id=app_id)
        await workflows.mark(scope, found, changes, call.account.account_id)
        return await _rendered(scope, found)


async def delete_workflow_version(call: Call, *, app_id: str, workflow_id: str) -> None:
    """Delete a version that nobody runs."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        await workflows.remove(scope, await workflows.version(scope, workflow_id, app_id=app_id))


async def restore_workflow_version(call: Call, *, app_id: str, workflow_id: str) -> schemas.DraftSaved:
    """Make a version the draft again."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
        found = await workflows.version(scope, workflow_id, app_id=app_id)
        restored = await workflows.copy_to_draft(scope, found, app_id, call.account.account_id)
        await draft_variables.declare_conversation(scope, app_id, restored.conversation_variables)
    return render_saved(restored)


async def list_default_block_configs(call: Call, *, app_id: str) -> schemas.BlockConfigList:
    """List what new nodes begin with."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
    return [{"type": trusted(name), "config": default_config(name)} for name in default_types()]


async def get_default_block_config(
    call: Call, *, app_id: str, block_type: schemas.BlockType, q: str | None = None
) -> schemas.BlockConfig:
    """Show what a new node of one type begins with."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await drafts.app_of(scope, app_id)
    return {"type": block_type, "config": default_config(block_type, _language(q))}


_MARKS = frozenset({"marked_name", "marked_comment"})


async def _rendered(scope: Scope, found: Workflow) -> schemas.Workflow:
    is_tool = await providers.workflow_tool_of(scope, found.app_id) is not None
    return render_workflow(found, await drafts.people_of(scope, [found]), is_tool=is_tool)


def _language(asked: str | None) -> str | None:
    """Return the language that `q` asks for; a text that is no JSON asks for none."""
    try:
        wanted = orjson.loads(asked or "{}")
    except orjson.JSONDecodeError:
        return None
    return wanted.get("code_language") if isinstance(wanted, dict) else None
