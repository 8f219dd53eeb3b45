"""Workflows: the draft that an app's editor works on, and the versions that were published from it."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal, get_args

import orjson
from sqlalchemy import Index, Select, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.secrets import Sealer
from models import tool_provider as tool_providers
from models.app import App
from models.page import Page, numbered
from models.scope import Scope
from models.table import (
    Created,
    Id,
    Identified,
    Json,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

DRAFT = "draft"
SEALED = "sealed"
HIDDEN = "[__HIDDEN__]"

WorkflowType = Literal["workflow", "chat"]
Bump = Literal["major", "minor", "patch"]

_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


class Workflow(Identified, Created, Updated, Owned, Table):
    """The draft of an app's workflow, or one published version, which is never changed but for its name.

    `environment_variables` are `{id, name, value_type, value, description}`; a secret one has `sealed` for `value`.
    `conversation_variables` are the same without secrets, and their values are those that a conversation begins with.
    """

    __tablename__ = "workflow"
    __table_args__ = (
        addressable(),
        UniqueConstraint("app_id", "version"),
        belongs_to("app"),
        one_of("type", get_args(WorkflowType)),
        Index(None, "app_id", "created_at", "id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    type: Mapped[WorkflowType] = mapped_column(Words)
    version: Mapped[str]
    graph: Mapped[Json]
    features: Mapped[Json]
    environment_variables: Mapped[list[Json]]
    conversation_variables: Mapped[list[Json]]
    hash: Mapped[str]
    marked_name: Mapped[str] = mapped_column(default="")
    marked_comment: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)

    @property
    def is_draft(self) -> bool:
        """Tell whether this is the draft."""
        return self.version == DRAFT

    def environment(self, sealer: Sealer) -> dict[str, Any]:
        """Return the environment variables' values by name, secrets opened.

        Raises:
            SealError: a secret was sealed with another secret key.
        """
        return {str(each["name"]): self.value_of(each, sealer) for each in self.environment_variables}

    def secrets(self, sealer: Sealer) -> frozenset[str]:
        """Return the values of the secret environment variables, which no event and no row may show.

        Raises:
            SealError: a secret was sealed with another secret key.
        """
        hidden = (self.value_of(each, sealer) for each in self.environment_variables if each.get(SEALED))
        return frozenset(str(value) for value in hidden if value)

    @staticmethod
    def value_of(variable: Json, sealer: Sealer) -> Any:
        """Return the value of an environment variable, as a run sees it.

        Raises:
            SealError: it is a secret that was sealed with another secret key.
        """
        return sealer.open(variable[SEALED])["value"] if variable.get(SEALED) else variable.get("value")

    def content_hash(self) -> str:
        """Return the SHA-256, in hex, of what the workflow consists of."""
        parts = [self.graph, self.features, self.environment_variables, self.conversation_variables]
        return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def conversation_defaults(self) -> dict[str, Any]:
        """Return what the conversation variables begin with, by name."""
        return {str(each["name"]): each.get("value") for each in self.conversation_variables}


async def find_draft(scope: Scope, app_id: str) -> Workflow | None:
    """Return an app's draft, if it has one."""
    return await scope.session.scalar(_of(scope, app_id).where(Workflow.version == DRAFT))


async def draft(scope: Scope, app_id: str) -> Workflow:
    """Return an app's draft.

    Raises:
        ApiError: `draft_workflow_not_exist`.
    """
    found = await find_draft(scope, app_id)
    if found is None:
        raise ApiError("draft_workflow_not_exist", "The app has no draft yet: save one first.")
    return found


async def find_published(scope: Scope, app_id: str) -> Workflow | None:
    """Return the version that an app's users run, the one published last, if there is one."""
    query = _of(scope, app_id).where(Workflow.version != DRAFT)
    return await scope.session.scalar(query.order_by(Workflow.created_at.desc(), Workflow.id.desc()).limit(1))


async def published(scope: Scope, app_id: str) -> Workflow:
    """Return the version that an app's users run, the one published last.

    Raises:
        ApiError: `app_unavailable` where nothing was published.
    """
    found = await find_published(scope, app_id)
    if found is None:
        raise ApiError("app_unavailable", "The app's workflow has not been published yet.")
    return found


async def version(scope: Scope, workflow_id: str, *, app_id: str | None = None) -> Workflow:
    """Return a draft or a version by its id.

    Args:
        scope: the workspace.
        workflow_id: the id of the row.
        app_id: the app that it has to belong to, if that matters.

    Raises:
        ApiError: `not_found`.
    """
    query = select(Workflow).where(Workflow.workspace_id == scope.workspace_id, Workflow.id == workflow_id)
    if app_id is not None:
        query = query.where(Workflow.app_id == app_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Workflow not found.")
    return found


async def find_version(scope: Scope, app_id: str, name: str) -> Workflow | None:
    """Return the version of an app's workflow that has a name such as `v1.0.0`, if there is one."""
    return await scope.session.scalar(_of(scope, app_id).where(Workflow.version == name))


async def of_apps(scope: Scope, app_ids: list[str]) -> dict[str, Workflow]:
    """Return by app what its users run, for those apps that have published something."""
    query = select(Workflow).where(
        Workflow.workspace_id == scope.workspace_id, Workflow.app_id.in_(app_ids), Workflow.version != DRAFT
    )
    query = query.distinct(Workflow.app_id)
    query = query.order_by(Workflow.app_id, Workflow.created_at.desc(), Workflow.id.desc())
    return {found.app_id: found for found in await scope.session.scalars(query)}


async def versions(
    scope: Scope,
    app_id: str,
    *,
    page: int = 1,
    limit: int = 20,
    created_by: str | None = None,
    named_only: bool = False,
) -> Page[Workflow]:
    """Return one page of an app's versions, the newest first, its draft before them all.

    Args:
        scope: the workspace.
        app_id: the app.
        page: the number of the page, from 1.
        limit: how many it holds.
        created_by: only those that an account made.
        named_only: only those that were given a name.
    """
    query = _of(scope, app_id)
    if created_by:
        query = query.where(Workflow.created_by == created_by)
    if named_only:
        query = query.where(Workflow.marked_name != "")
    query = query.order_by((Workflow.version == DRAFT).desc(), Workflow.created_at.desc(), Workflow.id.desc())
    return await numbered(scope, query, page, limit)


async def save_draft(
    scope: Scope,
    app_id: str,
    *,
    type_: WorkflowType,
    graph: Json,
    features: Json,
    environment_variables: list[Json],
    conversation_variables: list[Json],
    expected_hash: str | None,
    account_id: str | None,
) -> Workflow:
    """Write an app's draft; the first time makes it.

    Args:
        scope: the workspace.
        app_id: the app.
        type_: `chat` for apps that hold conversations.
        graph: nodes, edges and viewport.
        features: what the app offers beside its graph.
        environment_variables: secrets sealed.
        conversation_variables: with the values that a conversation begins with.
        expected_hash: the hash of the draft that was changed; None overwrites whatever is there.
        account_id: who saves.

    Raises:
        ApiError: `draft_workflow_not_sync` where the draft has another hash.
    """
    await lock(scope, app_id)
    found = await find_draft(scope, app_id)
    if found is not None and expected_hash is not None and found.hash != expected_hash:
        raise ApiError(
            "draft_workflow_not_sync", "The draft was changed in the meantime. Load it again and repeat the change."
        )
    if found is None:
        found = Workflow(
            workspace_id=scope.workspace_id, app_id=app_id, type=type_, version=DRAFT, created_by=account_id
        )
        scope.session.add(found)
    found.type, found.graph, found.features = type_, graph, features
    found.environment_variables = environment_variables
    found.conversation_variables = conversation_variables
    found.hash = found.content_hash()
    found.updated_by, found.updated_at = account_id, now()
    await scope.session.flush()
    return found


async def publish(
    scope: Scope, app_id: str, *, bump: Bump, marked_name: str, marked_comment: str, account_id: str | None
) -> Workflow:
    """Make the draft the next version; the caller has made sure that it can run.

    Args:
        scope: the workspace.
        app_id: the app.
        bump: which number of the version grows; the first version is v1.0.0.
        marked_name: what people call the version.
        marked_comment: what they say of it.
        account_id: who publishes.

    Raises:
        ApiError: `draft_workflow_not_exist`.
    """
    await lock(scope, app_id)
    source = await draft(scope, app_id)
    last = await find_published(scope, app_id)
    made = Workflow(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        type=source.type,
        version=_next_version(last.version if last else None, bump),
        graph=source.graph,
        features=source.features,
        environment_variables=source.environment_variables,
        conversation_variables=source.conversation_variables,
        hash=source.hash,
        marked_name=marked_name,
        marked_comment=marked_comment,
        created_by=account_id,
        updated_by=account_id,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def copy_to_draft(scope: Scope, source: Workflow, app_id: str, account_id: str | None) -> Workflow:
    """Make an app's draft the same as another workflow, sealed secrets included.

    Args:
        scope: the workspace of both.
        source: a draft or a version, of this app or another.
        app_id: whose draft is overwritten, or made.
        account_id: who does it.
    """
    return await save_draft(
        scope,
        app_id,
        type_=source.type,
        graph=source.graph,
        features=source.features,
        environment_variables=source.environment_variables,
        conversation_variables=source.conversation_variables,
        expected_hash=None,
        account_id=account_id,
    )


async def mark(scope: Scope, found: Workflow, changes: dict[str, str], account_id: str | None) -> None:
    """Give a version its name or its comment."""
    for column, value in changes.items():
        setattr(found, column, value)
    found.updated_by = account_id
    await scope.session.flush()


async def remove(scope: Scope, found: Workflow) -> None:
    """Delete a version.

    Raises:
        ApiError: `invalid_action` for the draft, for the version that the app's users run, and for one that is a tool.
    """
    await lock(scope, found.app_id)
    current = await find_published(scope, found.app_id)
    if found.is_draft:
        raise ApiError("invalid_action", "The draft cannot be deleted.")
    if current is not None and current.id == found.id:
        raise ApiError("invalid_action", f"{found.version} is what the app runs; publish another version first.")
    tool = await tool_providers.workflow_tool_of(scope, found.app_id)
    if tool is not None and tool.version == found.version:
        raise ApiError(
            "invalid_action", f"{found.version} is the tool {tool.name}; move that to another version first."
        )
    await scope.session.execute(
        delete(Workflow).where(Workflow.workspace_id == scope.workspace_id, Workflow.id == found.id)
    )


async def lock(scope: Scope, app_id: str) -> None:
    """Let nobody else save or publish the app's workflow until the transaction ends."""
    query = select(App.id).where(App.workspace_id == scope.workspace_id, App.id == app_id)
    await scope.session.execute(query.with_for_update(key_share=True))


def _next_version(last: str | None, bump: Bump) -> str:
    """Return the version that follows another; without one, v1.0.0."""
    match = _VERSION.fullmatch(last or "")
    if match is None:
        return "v1.0.0"
    major, minor, patch = map(int, match.groups())
    if bump == "major":
        return f"v{major + 1}.0.0"
    if bump == "minor":
        return f"v{major}.{minor + 1}.0"
    return f"v{major}.{minor}.{patch + 1}"


def _of(scope: Scope, app_id: str) -> Select[Workflow]:
    return select(Workflow).where(Workflow.workspace_id == scope.workspace_id, Workflow.app_id == app_id)
