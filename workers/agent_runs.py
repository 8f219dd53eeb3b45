"""The part of a generation job that is an agent: its thoughts are rows before they are events, its files are kept."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, cast

import orjson

from engine import agents
from engine.agents import Outcome, Request, ThoughtBegun, ThoughtObserved, ThoughtSaid, Toolbox
from engine.agents.toolbox import LONGEST_OBSERVATION
from engine.chat import ChatEvent
from engine.providers.events import Usage
from engine.retrieval.hit import Hit
from engine.tools import ToolContext, ToolFile
from engine.tools.references import ToolReference, read_references
from engine.tools.shelf import Shelf, read_shelf
from foundation.ids import new_id
from models import agent_thought as thoughts
from models import message_run
from models import upload_file as uploads
from models.agent_thought import AgentThought
from models.message import Message
from models.scope import Scope
from workers.envelopes import MessageEvents
from workers.knowledge import AppKnowledge
from workers.message_replay import file_event
from workers.persistence import persistently
from workers.process import GenerationProcess
from workers.rq.interruption import FENCED
from workers.turns import Answering
from workers.workflow_calls import Calling, WorkflowCaller
from workers.workflow_files import entry_of
from workers.workflow_runs import run_called

log = logging.getLogger(__name__)

MODE = "agent-chat"
_LEAST_OBSERVATION = 4_000


def references(config: Mapping[str, Any], dataset_ids: Sequence[str]) -> list[ToolReference]:
    """Return the tools of an app: those of its agent mode, and its knowledge bases, each once.

    Args:
        config: the app's model configuration.
        dataset_ids: the knowledge bases that the configuration attaches to the app.
    """
    named = read_references(config.get("agent_mode"))
    attached = [ToolReference("dataset", dataset_id.lower(), "") for dataset_id in dataset_ids]
    known = {reference.provider_id for reference in named if reference.provider_type == "dataset"}
    return [*named, *(reference for reference in attached if reference.provider_id not in known)]


class AgentRun:
    """One attempt of an agent at a message.

    Attributes:
        spent: the tokens of the thoughts that are complete, as the provider told them.
        asking: whether the model is at a thought, of which the provider tells at its end alone.
        tokens_below: what models took in the workflows that tools called.
        price_below: what that cost.
        files: what tools made, as entries of `Message.files`.
    """

    def __init__(self, process: GenerationProcess, message: Message, events: MessageEvents) -> None:
        self.spent = Usage()
        self.asking = False
        self.tokens_below, self.price_below = 0, Decimal(0)
        self.files: list[dict[str, Any]] = []
        self._process = process
        self._message = message
        self._events = events
        self._thought: AgentThought | None = None

    async def answer(self, answering: Answering) -> AsyncIterator[ChatEvent]:
        """Yield what becomes of the answer; thoughts and files are written and published on the way.

        Raises:
            ApiError: the model failed or cannot be an agent.
        """
        toolbox = await self._toolbox(answering)
        options = agents.read_options(answering.turn.config.get("agent_mode"))
        told = cast("Any", agents.run(answering.turn, answering.model, toolbox, options))
        async with aclosing(told) as events:
            async for event in events:
                match event:
                    case ThoughtBegun(position):
                        self.asking = True
                        await self._begin(position)
                    case ThoughtSaid(_, thought, requests, spent):
                        self.spent, self.asking = spent, False
                        await self._fill(thought=thought, **_asked(requests, toolbox))
                    case ThoughtObserved(_, outcomes):
                        self.tokens_below += sum(outcome.tokens for outcome in outcomes)
                        self.price_below += sum((outcome.price for outcome in outcomes), Decimal(0))
                        await self._observe(outcomes)
                    case _:
                        yield event

    async def replace(self, said: str) -> None:
        """Take an answer that was not let through out of the thoughts, too; the last of them says `said`."""
        message = self._message

        async def write() -> list[AgentThought]:
            async with self._process.database.workspace(message.workspace_id) as scope:
                return await thoughts.replace_texts(scope, message.id, message.attempt, said)

        for thought in await persistently(write):
            self._publish(self._events.thought(thought))

    async def _toolbox(self, answering: Answering) -> Toolbox:
        process, message, turn = self._process, self._message, answering.turn
        named = references(turn.config, turn.dataset_ids)
        shelf = Shelf()
        if named:
            async with process.database.workspace(message.workspace_id) as scope:
                shelf = await read_shelf(scope, named)
        knowledge = AppKnowledge(process, message.workspace_id, message.app_id, message.author, answering.model)

        async def search(dataset_ids: Sequence[str], query: str) -> Sequence[Hit]:
            return await knowledge.search(dataset_ids, query, turn.config.get("dataset_configs"))

        user = message.end_user_id or message.account_id or ""
        calling = Calling(
            message.workspace_id, message.author, message.invoke_from, user, message.task_id, message.trace_id, depth=1
        )
        call = WorkflowCaller(process, calling, run_called)
        provided, missing = shelf.tools(named, process.sealer, search, call)
        for reference in missing:
            log.warning("the tool %s of app %s is gone", reference.tool_name or reference.provider_id, message.app_id)
        window = answering.model.context_size
        longest = max(_LEAST_OBSERVATION, min(LONGEST_OBSERVATION, window)) if window else LONGEST_OBSERVATION
        context = ToolContext(process.egress, user, process.settings.tool_seconds)
        return Toolbox(provided, context, longest)

    async def _begin(self, position: int) -> None:
        message = self._message

        async def begin() -> AgentThought | None:
            async with self._process.database.workspace(message.workspace_id) as scope:
                return await thoughts.begin(scope, message.id, message.attempt, position)

        self._announce(await persistently(begin))

    async def _fill(self, **values: Any) -> None:
        async def fill() -> AgentThought | None:
            async with self._process.database.workspace(self._message.workspace_id) as scope:
                return await self._filled(scope, values)

        self._announce(await persistently(fill))

    async def _observe(self, outcomes: Sequence[Outcome]) -> None:
        made = [await self._stored(file) for outcome in outcomes for file in outcome.files]
        observation = _named([(outcome.name, outcome.text) for outcome in outcomes])
        given = [*made, *(_passed_up(file) for outcome in outcomes for file in outcome.kept)]
        values = {"observation": observation, "files": [entry["id"] for entry in given]}

        async def observe() -> AgentThought | None:
            async with self._process.database.workspace(self._message.workspace_id) as scope:
                for entry in made:
                    await self._record(scope, entry)
                if given:
                    files = [*self._message.files, *self.files, *given]
                    await message_run.keep_files(scope, self._message.id, self._message.attempt, files)
                return await self._filled(scope, values)

        thought = await persistently(observe)
        self.files += given
        for entry in given:
            self._publish(file_event(self._events, self._process.settings, entry))
        self._announce(thought)

    async def _filled(self, scope: Scope, values: Mapping[str, Any]) -> AgentThought | None:
        return await thoughts.fill(scope, self._thought.id, values) if self._thought else None

    def _announce(self, thought: AgentThought | None) -> None:
        """Publish a thought that is stored; one that is not belongs to a run that is no longer ours."""
        self._thought = thought
        if thought is None:
            raise asyncio.CancelledError(FENCED)
        self._publish(self._events.thought(thought))

    def _publish(self, event: dict[str, Any]) -> None:
        self._process.publisher.event(self._message.task_id, event)

    async def _stored(self, file: ToolFile) -> dict[str, Any]:
        async def content() -> AsyncIterator[bytes]:
            yield file.content

        stored = await self._process.storage.put(content())
        extension = PurePosixPath(file.name).suffix or mimetypes.guess_extension(file.mime_type) or ""
        family = file.mime_type.partition("/")[0]
        return {
            "id": new_id(),
            "type": family if family in ("image", "audio", "video") else "document",
            "transfer_method": "local_file",
            "belongs_to": "assistant",
            "url": None,
            "filename": file.name[:255],
            "extension": extension.lstrip(".").lower(),
            "mime_type": file.mime_type,
            "size": stored.size,
            "hash": stored.hash,
        }

    async def _record(self, scope: Scope, entry: dict[str, Any]) -> None:
        upload = await uploads.create(
            scope,
            author=self._message.author,
            app_id=self._message.app_id,
            hash=entry["hash"],
            name=entry["filename"],
            size=entry["size"],
            extension=entry["extension"],
            mime_type=entry["mime_type"],
        )
        await uploads.mark_used(scope, [upload.id])
        entry["upload_file_id"] = upload.id


def _asked(requests: Sequence[Request], toolbox: Toolbox) -> dict[str, Any]:
    return {
        "tool": ";".join(request.name for request in requests),
        "tool_labels": {name: dict(label) for name, label in toolbox.labels(requests).items()},
        "tool_input": _named([(request.name, request.arguments) for request in requests]),
    }


def _passed_up(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file that a called workflow ended with as an entry of `Message.files`."""
    return {**entry_of(file), "id": new_id(), "belongs_to": "assistant"}


def _named(values: Sequence[tuple[str, Any]]) -> str:
    """Return values by the names of their tools as JSON; a tool's second value is `name#2`."""
    named: dict[str, Any] = {}
    for name, value in values:
        key, number = name, 2
        while key in named:
            key, number = f"{name}#{number}", number + 1
        named[key] = value
    return orjson.dumps(named).decode() if named else ""
