"""Keeps the approximate indexes of large datasets: builds what is missing, drops what is not wanted any more.

One process of the installation does it at a time. Whatever it leaves undone when it is killed is done by the next one.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from models import vector_index
from models.database import Database
from models.scope import SystemScope

log = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
_KEPT = 0.5
"""Which part of the size that it takes to get an index a dataset may shrink to before it loses it."""


class VectorIndexKeeper:
    """Looks at start and every half minute."""

    def __init__(self, url: str, least: int) -> None:
        """Prepare the keeper, which has a connection of its own: a build may take minutes.

        Args:
            url: the database.
            least: how many vectors a dataset with an index has at least; 0 lets no dataset have one.
        """
        self._database = Database(url, 1, statement_seconds=0)
        self._least = least

    async def keep(self) -> None:
        """Look after the indexes until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except SQLAlchemyError as error:
                    log.warning("vector indexes were not looked after: %s", error)
                except Exception:
                    log.exception("looking after vector indexes failed")
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """End the keeper's connection."""
        await self._database.close()

    async def look(self) -> None:
        """Build and drop what is due, or nothing where another process is at it."""
        connection = await self._database.engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            async with AsyncSession(connection) as session:
                scope = SystemScope(session)
                if await vector_index.lock(scope):
                    await self._look(scope)
                    await vector_index.unlock(scope)
        finally:
            await connection.invalidate()
            await connection.close()

    async def _look(self, scope: SystemScope) -> None:
        due = await vector_index.wanted(scope, self._least) if self._least else []
        stays = await vector_index.wanted(scope, max(1, int(self._least * _KEPT))) if self._least else []
        there = await vector_index.existing(scope)
        kept = {index.name for index in stays}
        for name, complete in there.items():
            if name not in kept or not complete:
                await vector_index.forget(scope, name)
                await vector_index.drop(scope, name)
                log.info("the vector index %s was dropped", name)
        for index in due:
            if not there.get(index.name):
                await vector_index.create(scope, index)
                log.info("the vector index %s was built", index.name)
        there = await vector_index.existing(scope)
        for index in stays:
            if there.get(index.name):
                await vector_index.note(scope, index)
