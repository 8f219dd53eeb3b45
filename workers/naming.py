"""Names that a model gives to conversations, beside the runs that answer in them."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from engine.chat.naming import suggest_name
from engine.providers.model import ChatModel
from models import conversation as conversations
from models.database import Database

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
NAMING_SECONDS: Final = 20.0


class Namer:
    """Gives conversations better names than their first words; a name that cannot be had is not missed."""

    def __init__(self, database: Database) -> None:
        """Begin with nothing to do."""
        self._database = database
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, model: ChatModel, workspace_id: str, conversation_id: str, query: str, name: str) -> None:
        """Ask a model for a conversation's name; returns at once.

        Args:
            model: who is asked.
            workspace_id: whose conversation it is.
            conversation_id: the conversation.
            query: its first question.
            name: what it is called now. Who renames it in the meantime is right.
        """
        task = asyncio.create_task(self._name(model, workspace_id, conversation_id, query, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Leave the conversations that have no better name yet as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _name(self, model: ChatModel, workspace_id: str, conversation_id: str, query: str, name: str) -> None:
        try:
            async with self._places, asyncio.timeout(NAMING_SECONDS):
                better = await suggest_name(model, query)
            if better and better != name:
                async with self._database.workspace(workspace_id) as scope:
                    await conversations.rename_if(scope, conversation_id, name, better)
        except Exception as error:
            log.warning("conversation %s keeps its first words as its name: %r", conversation_id, error)
