"""The first minutes of an installation."""

from __future__ import annotations

import asyncio

from foundation.errors import ApiError
from foundation.secrets import hash_password
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from models import account, installation

DEFAULT_LANGUAGE = "en-US"


async def get_setup_status(call: Call) -> schemas.SetupStatus:
    """Tell whether there is an owner."""
    async with call.services.database.system() as scope:
        done_at = await installation.setup_time(scope)
    return {"step": "finished" if done_at else "not_started", "setup_at": unix(done_at)}


async def create_owner(call: Call, *, body: schemas.SetupRequest) -> schemas.Result:
    """Make the owner and the first workspace, once."""
    async with call.services.database.system() as scope:
        if await installation.setup_time(scope) is not None:
            raise ApiError("already_setup", "Parley has been set up already. Please sign in.")
    password_hash = await asyncio.to_thread(hash_password, body["password"])
    async with call.services.database.system() as scope:
        await installation.mark_set_up(scope)
        owner = await account.create(
            scope,
            email=body["email"],
            name=body["name"],
            password_hash=password_hash,
            interface_language=body.get("language") or DEFAULT_LANGUAGE,
        )
        plan = call.services.settings.default_plan
        await account.create_workspace(scope, name=f"{owner.name}'s Workspace", owner=owner, plan=plan)
    return {"result": "success"}
