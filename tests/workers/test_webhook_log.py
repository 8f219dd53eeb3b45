"""The log of what webhooks were told, which is not kept for ever."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from foundation.storage import FolderStorage
from models import webhook as webhooks
from models.database import Database
from models.table import now
from models.webhook import WebhookDelivery
from tests.workers.rows import asker
from workers.purging import Purger


async def test_ended_deliveries_leave_the_log_after_their_time(database: Database, tmp_path: Path) -> None:
    somebody = await asker(database)
    async with database.workspace(somebody.workspace_id) as scope:
        hook = await webhooks.create(
            scope,
            app_id=somebody.app_id,
            url="https://example.com/hook",
            description="",
            enabled=True,
            sealed="",
            created_by=None,
        )
        ended = [await webhooks.add_deliveries(scope, [hook.id], event="run", payload="{}") for _ in range(2)]
        [pending] = await webhooks.add_deliveries(scope, [hook.id], event="run", payload="{}")
        for [delivery], days in zip(ended, (31, 29), strict=True):
            values = {"status": "delivered", "finished_at": now() - timedelta(days=days)}
            await scope.session.execute(update(WebhookDelivery).filter_by(id=delivery).values(**values))
    await Purger(database, FolderStorage(tmp_path), timedelta(days=30)).purge()
    async with database.workspace(somebody.workspace_id) as scope:
        kept = set(await scope.session.scalars(select(WebhookDelivery.id)))
    assert kept == {ended[1][0], pending}
