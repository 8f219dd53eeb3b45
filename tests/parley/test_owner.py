"""The first account, made from the settings."""

from pathlib import Path

from foundation.settings import Settings
from models import account
from models.database import Database
from parley.owner import ensure_owner
from tests.services import Services


async def test_the_owner_of_the_settings_gets_the_plan_of_the_settings(
    shared_services: Services, tmp_path: Path
) -> None:
    url = shared_services.migrated_database()
    settings = Settings(
        home=tmp_path,
        database_url=url,
        owner_email="ada@example.com",
        owner_password="analytical engine",
        default_plan="team",
    )
    assert await ensure_owner(settings)
    assert not await ensure_owner(settings)
    database = Database(url, 1)
    try:
        async with database.system() as scope:
            owner = await account.find_by_email(scope, "ada@example.com")
            assert owner is not None
            [joined] = await account.memberships(scope, owner.id)
    finally:
        await database.close()
    assert (joined.membership.role, joined.workspace.plan) == ("owner", "team")
