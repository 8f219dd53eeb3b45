"""Deletes what was taken out of sight: apps, datasets and conversations with all their rows, and bytes of files.

Old entries of the log of webhooks go the same way.

Deleting is done in small steps, each in a transaction of its own, so that no table is held and a kill loses nothing:
what remains is found again. One process does it at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from foundation.storage import FileStorage
from models import app as apps
from models import conversation as conversations
from models import dataset as datasets
from models import document as documents
from models import message as messages
from models import segment as segments
from models import upload_file as uploads
from models import webhook as webhooks
from models.database import Database
from models.scope import Scope
from models.table import now

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
MESSAGES, SEGMENTS, DOCUMENTS, FILES, CONTENTS, DELIVERIES = 500, 500, 10, 500, 500, 500
DELIVERIES_KEPT = timedelta(days=30)
UNUSED_UPLOADS_EXPIRE = timedelta(hours=24)
CONTENT_RESTS_SECONDS = 600.0
"""How long bytes stay after they were stored last: an upload's row is written only after its bytes."""


class _Busy(Exception):
    """Another process purges at this moment."""


class Purger:
    """Looks at start and every few seconds."""

    def __init__(self, database: Database, storage: FileStorage, deliveries_kept: timedelta = DELIVERIES_KEPT) -> None:
        """Prepare the purger.

        Args:
            database: where the rows are.
            storage: where the bytes are.
            deliveries_kept: how long an ended delivery stays in the log of its webhook.
        """
        self._database = database
        self._storage = storage
        self._deliveries_kept = deliveries_kept

    async def keep(self) -> None:
        """Purge until cancelled."""
        while True:
            try:
                await self.purge()
            except (SQLAlchemyError, OSError) as error:
                log.warning("not purged: %s", error)
            except Exception:
                log.exception("purging failed")
            await asyncio.sleep(EVERY_SECONDS)

    async def purge(self) -> None:
        """Delete everything that waits to be deleted, or nothing where another process is at it."""
        try:
            await self._purge()
        except _Busy:
            return

    async def _purge(self) -> None:
        async with self._database.system() as scope:
            doomed_apps = [(app.workspace_id, app.id) for app in await apps.list_deleted(scope)]
            doomed_datasets = [(one.workspace_id, one.id) for one in await datasets.list_deleted(scope)]
            doomed_conversations = await conversations.list_deleted(scope)
            unused = await uploads.list_unused(scope, now() - UNUSED_UPLOADS_EXPIRE)
        for workspace_id, app_id in doomed_apps:
            await self._purge_app(workspace_id, app_id)
        for workspace_id, dataset_id in doomed_datasets:
            await self._purge_dataset(workspace_id, dataset_id)
        for conversation in doomed_conversations:
            await self._purge_conversation(conversation.workspace_id, conversation.app_id, conversation.id)
        for file in unused:
            async with self._step(file.workspace_id) as owner:
                await uploads.discard(owner, [file.id])
                await uploads.mark_used(owner, [file.id])
        await self._delete_contents()
        async with self._database.system() as scope:
            await webhooks.remove_old(scope, self._deliveries_kept, DELIVERIES)

    async def _purge_app(self, workspace_id: str, app_id: str) -> None:
        def messages_of(scope: Scope) -> Awaitable[int]:
            return messages.remove_some(scope, app_id=app_id, limit=MESSAGES)

        await self._repeat(workspace_id, messages_of, MESSAGES)
        await self._repeat(workspace_id, lambda scope: uploads.discard_of_app(scope, app_id, FILES), FILES)
        async with self._step(workspace_id) as scope:
            await apps.purge(scope, app_id)
        log.info("app %s was purged", app_id)

    async def _purge_dataset(self, workspace_id: str, dataset_id: str) -> None:
        await self._repeat(workspace_id, lambda scope: segments.remove_some(scope, dataset_id, SEGMENTS), SEGMENTS)
        await self._repeat(workspace_id, lambda scope: documents.remove_some(scope, dataset_id, DOCUMENTS), DOCUMENTS)
        async with self._step(workspace_id) as scope:
            await datasets.purge(scope, dataset_id)
        log.info("dataset %s was purged", dataset_id)

    async def _purge_conversation(self, workspace_id: str, app_id: str, conversation_id: str) -> None:
        def messages_of(scope: Scope) -> Awaitable[int]:
            return messages.remove_some(scope, app_id=app_id, conversation_id=conversation_id, limit=MESSAGES)

        await self._repeat(workspace_id, messages_of, MESSAGES)
        async with self._step(workspace_id) as scope:
            await conversations.purge(scope, conversation_id)

    async def _delete_contents(self) -> None:
        async with self._database.system() as scope:
            waiting = await uploads.discarded(scope, CONTENTS)
        done: list[str] = []
        resting: list[str] = []
        for content, is_used in waiting.items():
            gone = is_used or await self._storage.delete(content, CONTENT_RESTS_SECONDS)
            (done if gone else resting).append(content)
        if waiting:
            async with self._database.system() as scope:
                await uploads.settle_discarded(scope, done)
                await uploads.postpone_discarded(scope, resting)

    async def _repeat(self, workspace_id: str, step: Callable[[Scope], Awaitable[int]], most: int) -> None:
        """Do a step, each time in a transaction of its own, until it finds less than it could do."""
        done = most
        while done >= most:
            async with self._step(workspace_id) as scope:
                done = await step(scope)

    @asynccontextmanager
    async def _step(self, workspace_id: str) -> AsyncIterator[Scope]:
        """Open a transaction that no other process purges beside.

        Raises:
            _Busy: another one does.
        """
        async with self._database.workspace(workspace_id) as scope:
            if not await uploads.lock_purging(scope):
                raise _Busy
            yield scope
