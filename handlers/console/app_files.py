"""Apps as files: imported, exported, copied, and made of one another."""

from __future__ import annotations

import asyncio

from engine.app_file import app_file_schema
from foundation.errors import ApiError
from handlers import app_copies, app_imports
from handlers.app_files import missing, to_export, written
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.trusted import trusted
from handlers.replies import Reply
from handlers.workflows import WORKFLOW_MODES
from models import app as apps
from models import workflow as workflows

SECRET_ROLES = frozenset({"owner", "admin"})


async def import_app(call: Call, *, body: schemas.AppImportRequest) -> schemas.AppImport | Reply[schemas.AppImport]:
    """Make an app from a file, or replace the draft of one."""
    return await app_imports.begin(call, body)


async def confirm_app_import(call: Call, *, import_id: str) -> schemas.AppImport:
    """Import a file of another version nevertheless."""
    return await app_imports.confirm(call, import_id)


async def check_app_dependencies(call: Call, *, app_id: str) -> schemas.MissingDependencies:
    """List the providers that an app names and the workspace does not have."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        draft = await workflows.find_draft(scope, app_id)
        config = app.model_config if app.mode not in WORKFLOW_MODES else {}
        gone = await missing(scope, draft.graph if draft is not None else {}, config)
    return {
        "leaked_dependencies": [
            {"type": "package", "value": {"plugin_unique_identifier": name}, "current_identifier": None}
            for name in gone
        ]
    }


async def export_app(
    call: Call, *, app_id: str, include_secret: bool = False, workflow_id: str | None = None
) -> schemas.AppFile:
    """Write an app as a file."""
    if include_secret and call.account.role not in SECRET_ROLES:
        raise ApiError("forbidden", "Only owners and administrators may export secrets.")
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        workflow = await to_export(scope, app, workflow_id or None)
    return {"data": await asyncio.to_thread(written, call, app, workflow, include_secret=include_secret)}


async def copy_app(call: Call, *, app_id: str, body: schemas.AppCopyRequest | None = None) -> schemas.ConsoleApp:
    """Make an app that does what another does."""
    return await app_copies.copy(call, app_id, body or {})


async def convert_to_workflow(
    call: Call, *, app_id: str, body: schemas.AppCopyRequest | None = None
) -> schemas.Converted:
    """Make an app with a graph that does what the prompt of another does."""
    return {"new_app_id": await app_copies.convert(call, app_id, body or {})}


async def get_app_file_schema(call: Call) -> schemas.JsonSchema:
    """Show the JSON Schema of app files."""
    schema: schemas.JsonSchema = trusted(app_file_schema())
    return schema
