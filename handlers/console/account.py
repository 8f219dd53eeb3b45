"""The person who is signed in."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from models import account as accounts


async def get_account_profile(call: Call) -> schemas.Account:
    """Show the signed-in account."""
    async with call.services.database.system() as scope:
        person = await accounts.get(scope, call.account.account_id)
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "avatar": person.avatar,
        "avatar_url": person.avatar,
        "is_password_set": person.password_hash is not None,
        "interface_language": person.interface_language,
        "interface_theme": person.interface_theme,
        "timezone": person.timezone,
        "last_login_at": unix(person.last_login_at),
        "last_login_ip": person.last_login_ip,
        "created_at": unix(person.created_at),
    }
