"""The person who is signed in."""

from __future__ import annotations

import asyncio

from foundation.errors import ApiError
from foundation.secrets import hash_password
from handlers.attempts import Attempts
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from handlers.periods import check_zone
from handlers.rendering.accounts import ADDRESSES, render_account
from handlers.signing_in import password_matches
from models import account as accounts
from models import sign_in, upload_file


async def get_account_profile(call: Call) -> schemas.Account:
    """Show the signed-in account."""
    async with call.services.database.system() as scope:
        person = await accounts.get(scope, call.account.account_id)
    return render_account(call.services.settings, person)


async def set_account_name(call: Call, *, body: schemas.AccountName) -> schemas.Account:
    """Change what the account is called."""
    return await _change(call, name=body["name"])


async def set_account_avatar(call: Call, *, body: schemas.AccountAvatar) -> schemas.Account:
    """Change the account's picture: an address, a picture that the account uploaded, or none."""
    avatar = body["avatar"].strip()
    if avatar and not avatar.lower().startswith(ADDRESSES):
        avatar = await _own_picture(call, avatar)
    return await _change(call, avatar=avatar or None)


async def set_account_password(call: Call, *, body: schemas.AccountPassword) -> schemas.Account:
    """Change the password, and end all other sessions of the account."""
    if body["new_password"] != body["repeat_new_password"]:
        raise ApiError("repeat_password_not_match", "The new password and its repetition differ.")
    async with call.services.database.system() as scope:
        person = await accounts.get(scope, call.account.account_id)
    if person.password_hash is not None:
        attempts = Attempts(call.services.redis, person.email, call.head.address)
        await attempts.count()
        if not await asyncio.to_thread(password_matches, person.password_hash, body.get("password") or ""):
            raise ApiError("current_password_incorrect", "The current password is incorrect.")
        await attempts.forget()
    password_hash = await asyncio.to_thread(hash_password, body["new_password"])
    async with call.services.database.system() as scope:
        person = await accounts.get(scope, person.id)
        person.password_hash = password_hash
        await sign_in.end_all(scope, person.id, but=call.account.session_id)
    forget_all(call.services.database)
    return render_account(call.services.settings, person)


async def set_interface_language(call: Call, *, body: schemas.AccountLanguage) -> schemas.Account:
    """Choose the Console's language."""
    return await _change(call, interface_language=body["interface_language"])


async def set_interface_theme(call: Call, *, body: schemas.AccountTheme) -> schemas.Account:
    """Choose the Console's looks."""
    return await _change(call, interface_theme=body["interface_theme"])


async def set_account_timezone(call: Call, *, body: schemas.AccountTimezone) -> schemas.Account:
    """Choose the time zone that days begin and end by."""
    await check_zone(call, body["timezone"])
    return await _change(call, timezone=body["timezone"])


async def _own_picture(call: Call, file_id: str) -> str:
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await upload_file.get(scope, file_id)
        if found.author.account_id != call.account.account_id or not found.mime_type.startswith("image/"):
            raise ApiError("file_not_found", "You have uploaded no picture with this id.")
        await upload_file.mark_used(scope, [found.id])
    return found.id


async def _change(call: Call, **values: str | None) -> schemas.Account:
    async with call.services.database.system() as scope:
        person = await accounts.get(scope, call.account.account_id)
        for name, value in values.items():
            setattr(person, name, value)
        await scope.session.flush()
    forget_all(call.services.database)
    return render_account(call.services.settings, person)
