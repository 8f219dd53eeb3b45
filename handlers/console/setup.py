"""The first minutes of an installation."""

from __future__ import annotations

import asyncio

from foundation.errors import ApiError
from foundation.secrets import hash_password
from handlers.attempts import Attempts
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials import initial_password
from handlers.rendering.times import unix
from handlers.replies import Reply
from models import account, installation

DEFAULT_LANGUAGE = "en-US"
# Guesses are counted like those of an account's password; no account has this address.
GUESSED = "the initial password"
ALREADY = "Parley has been set up already. Please sign in."


async def get_init_status(call: Call) -> schemas.InitStatus:
    """Tell whether this browser has to give the initial password."""
    owed = initial_password.is_owed(call.head, call.services.settings) and not await _is_set_up(call)
    return {"status": "not_started" if owed else "finished"}


async def validate_init_password(call: Call, *, body: schemas.InitRequest) -> Reply[schemas.Result]:
    """Let a browser that gives the initial password set the server up."""
    if await _is_set_up(call):
        raise ApiError("already_setup", ALREADY)
    attempts = Attempts(call.services.redis, GUESSED, call.head.address)
    await attempts.count()
    if not initial_password.is_right(call.services.settings, body["password"]):
        raise ApiError("init_validate_failed", "The initial password is wrong.")
    await attempts.forget()
    return Reply({"result": "success"}, headers=[initial_password.validation(call.head, call.services.settings)])


async def get_setup_status(call: Call) -> schemas.SetupStatus:
    """Tell whether there is an owner."""
    async with call.services.database.system() as scope:
        done_at = await installation.setup_time(scope)
    return {"step": "finished" if done_at else "not_started", "setup_at": unix(done_at)}


async def create_owner(call: Call, *, body: schemas.SetupRequest) -> schemas.Result:
    """Make the owner and the first workspace, once."""
    if await _is_set_up(call):
        raise ApiError("already_setup", ALREADY)
    if initial_password.is_owed(call.head, call.services.settings):
        raise ApiError("not_init_validated", "Give the initial password with POST /console/api/init first.")
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


async def _is_set_up(call: Call) -> bool:
    async with call.services.database.system() as scope:
        return await installation.is_set_up(scope)
