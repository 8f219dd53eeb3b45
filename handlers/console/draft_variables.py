"""What the nodes of a draft gave when they ran last."""

from __future__ import annotations

from typing import Any

from engine.workflow.values import fits_type
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.draft_variables import (
    render_draft_variable,
    render_draft_variable_list,
    render_draft_variable_values,
)
from handlers.workflows import app_of
from models import draft_variable as variables


async def list_draft_variables(call: Call, *, app_id: str, page: int = 1, limit: int = 20) -> schemas.DraftVariableList:
    """List all of them without their values."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        return render_draft_variable_list(await variables.page(scope, app_id, page=page, limit=limit))


async def delete_draft_variables(call: Call, *, app_id: str) -> None:
    """Delete all of them."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        await variables.remove(scope, app_id)


async def get_draft_variable(call: Call, *, app_id: str, variable_id: str) -> schemas.DraftVariable:
    """Show one."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        return render_draft_variable(await variables.get(scope, app_id, variable_id))


async def update_draft_variable(
    call: Call, *, app_id: str, variable_id: str, body: schemas.DraftVariableUpdate
) -> schemas.DraftVariable:
    """Give one another name or another value of its type."""
    changes: dict[str, Any] = {key: body[key] for key in ("name", "value") if key in body}
    if changes.get("name", "") is None:
        del changes["name"]
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        found = await variables.get(scope, app_id, variable_id)
        value = changes.get("value")
        if value is not None and not fits_type(value, found.value_type):
            message = f"The variable {found.name} holds {found.value_type}; this value is of another type."
            raise ApiError("invalid_variable", message)
        await variables.change(scope, found, changes)
        return render_draft_variable(found)


async def delete_draft_variable(call: Call, *, app_id: str, variable_id: str) -> None:
    """Delete one."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        await variables.get(scope, app_id, variable_id)
        await variables.remove(scope, app_id, variable_id=variable_id)


async def reset_draft_variable(call: Call, *, app_id: str, variable_id: str) -> schemas.DraftVariable:
    """Give one the value again that its node gave."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        found = await variables.get(scope, app_id, variable_id)
        await variables.reset(scope, found)
        return render_draft_variable(found)


async def list_node_variables(call: Call, *, app_id: str, node_id: str) -> schemas.DraftVariableValues:
    """List what a node gave."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        return render_draft_variable_values(await variables.of_node(scope, app_id, node_id))


async def delete_node_variables(call: Call, *, app_id: str, node_id: str) -> None:
    """Delete what a node gave."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        await variables.remove(scope, app_id, node_id=node_id)


async def list_system_variables(call: Call, *, app_id: str) -> schemas.DraftVariableValues:
    """List what `sys` held in the last run."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await app_of(scope, app_id)
        return render_draft_variable_values(await variables.of_node(scope, app_id, variables.SYSTEM))
