"""The first account, made from the settings for installations that nobody sets up by hand."""

from __future__ import annotations

import asyncio

from foundation.secrets import hash_password
from foundation.settings import Settings
from models import account, installation
from models.database import Database


async def ensure_owner(settings: Settings) -> bool:
    """Creates the owner and the first workspace when the settings name one and nothing is set up yet.

    Args:
        settings: with `owner_email`, `owner_password` and the address of a migrated database.

    Returns:
        Whether the owner was made by this call.
    """
    if not settings.owner_email:
        return False
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.system() as scope:
            if await installation.is_set_up(scope):
                return False
        password_hash = await asyncio.to_thread(hash_password, settings.owner_password)
        name = settings.owner_email.partition("@")[0]
        async with database.system() as scope:
            await installation.mark_set_up(scope)
            owner = await account.create(scope, email=settings.owner_email, name=name, password_hash=password_hash)
            await account.create_workspace(scope, name=f"{name}'s Workspace", owner=owner, plan=settings.default_plan)
        return True
    finally:
        await database.close()
