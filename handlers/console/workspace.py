"""The workspaces that everything belongs to: the current one, and the others of an account."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from handlers.rendering.accounts import render_workspace, shown_status
from handlers.rendering.times import unix
from models import account


async def get_current_workspace(call: Call) -> schemas.Workspace:
    """Show the workspace and the caller's role in it."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await account.get_workspace(scope)
    return render_workspace(found, call.account.role)


async def list_workspaces(call: Call) -> schemas.WorkspaceList:
    """List the workspaces in use that the account is a member of."""
    async with call.services.database.system() as scope:
        joined = await account.memberships(scope, call.account.account_id)
    found = [each.workspace for each in joined if each.workspace.status == "normal"]
    return {
        "workspaces": [
            {
                "id": workspace.id,
                "name": workspace.name,
                "plan": workspace.effective_plan,
                "status": shown_status(workspace),
                "created_at": unix(workspace.created_at),
                "current": workspace.id == call.workspace_id,
            }
            for workspace in found
        ]
    }


async def switch_workspace(call: Call, *, body: schemas.WorkspaceSwitch) -> schemas.WorkspaceSwitched:
    """Make another workspace the current one of the account."""
    async with call.services.database.system() as scope:
        chosen = await account.switch_workspace(scope, call.account.account_id, body["tenant_id"].lower())
    forget_all(call.services.database)
    return {"result": "success", "new_tenant": render_workspace(chosen.workspace, chosen.membership.role)}


async def rename_workspace(call: Call, *, body: schemas.WorkspaceName) -> schemas.WorkspaceRenamed:
    """Give the workspace another name."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await account.get_workspace(scope)
        found.name = body["name"]
        await scope.session.flush()
    return {"result": "success", "tenant": render_workspace(found, call.account.role)}
