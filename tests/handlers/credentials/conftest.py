"""Services with a real database, and requests as an authenticator sees them."""

from typing import Any, cast

import pytest

from foundation.settings import Settings
from handlers.call import RequestHead, Services, Tier
from models import app, installation
from models.account import Account
from models.app import App
from models.database import Database


def head(tier: Tier, *, method: str = "GET", query: str = "", **headers: str) -> RequestHead:
    """Return a request's head; header names are written with underscores."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"method": method, "path": "/", "query_string": query.encode(), "headers": raw}
    return RequestHead(scope, tier)


@pytest.fixture
def services(database: Database) -> Services:
    settings = Settings(secret_key="a-secret-of-the-tests")
    nothing = cast(Any, None)
    return Services(settings, database, *[nothing] * 8)


@pytest.fixture
async def chat(database: Database, workspace_id: str, owner: Account) -> App:
    """A chat app on a site with the code `code`, in an installation that is set up."""
    async with database.system() as system:
        await installation.mark_set_up(system)
    async with database.workspace(workspace_id) as scope:
        return await app.create(scope, name="Help", mode="chat", site_code="code", created_by=owner.id)
