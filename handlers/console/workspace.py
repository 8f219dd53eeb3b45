"""The workspace that everything belongs to."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from models import account


async def get_current_workspace(call: Call) -> schemas.Workspace:
    """Show the workspace and the caller's role in it."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await account.get_workspace(scope)
    return {
        "id": found.id,
        "name": found.name,
        "plan": found.effective_plan,
        "status": "trial" if found.status == "normal" and found.in_trial else found.status,
        "created_at": unix(found.created_at),
        "role": call.account.role,
        "in_trial": found.in_trial,
        "trial_end_at": unix(found.trial_end_at),
        "trial_end_reason": None,
    }
