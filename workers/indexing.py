"""The indexing job: one document, from its stored file to segments that retrieval finds.

It runs in a forked child, and everything that holds a connection or a thread is made there. The document's row is the
truth: each step is written with the attempt's number, and an attempt that is no longer the last one, or was paused,
writes nothing more. A segment whose text has not changed keeps its id, its vector and its count of hits.
"""

import asyncio
import errno
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import psycopg.errors
from sqlalchemy.exc import DBAPIError

from engine.embedding.builtin import BuiltinEmbedders
from engine.embedding.embedder import Embedders
from engine.ingestion import questions
from engine.ingestion.document import Extract, clean_pages
from engine.ingestion.extract import extract
from engine.ingestion.passages import Passage, cut
from engine.ingestion.rules import ProcessRules, parse_process_rule
from engine.ingestion.unreadable import UnreadableDocument
from engine.providers.embedders import WorkspaceEmbedders
from engine.providers.model import EmbeddingModel
from engine.providers.resolution import Models
from foundation.errors import ApiError
from foundation.secrets import Sealer
from foundation.settings import Settings
from foundation.storage import FileStorage, FolderStorage
from models import dataset as datasets
from models import document as documents
from models import document_indexing as steps
from models import upload_file as uploads
from models.database import Database
from models.dataset import Dataset
from models.document import Document, IndexingStatus
from models.table import now
from workers import process, shared_model, tallies
from workers.queues import Queues
from workers.rq.connection import connect_async
from workers.segment_writing import PassageWriter

CONNECTIONS = 2
SMALL_FILE = 32 * 1024
"""How many bytes the file of a document may have that is indexed on the way of another."""

OTHERS_SECONDS = 10.0
"""How long a job goes on with documents that are not its own; then others of the queue have their turn."""

REPORT_SECONDS = 0.25
"""How often a job says at most how far it is."""

LONGEST_REASON = 1_000
DISK_FULL = "The disk is full. Free some space, then retry the document."
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Superseded(Exception):
    """Another attempt has the document now, or it was paused or deleted: stop without a word."""


@dataclass(frozen=True, slots=True)
class IndexingParts:
    """What one indexing job uses."""

    database: Database
    storage: FileStorage
    embedders: Embedders
    models: Models | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is known of a document when its attempt begins."""

    document: Document
    rules: ProcessRules
    path: Path
    file_name: str


def index_document(workspace_id: str, document_id: str) -> str:
    """Index a waiting document; the RQ job.

    Returns:
        How it ended: `completed`, `error`, `superseded` or `not waiting`.
    """
    return asyncio.run(_job(process.settings(), workspace_id, document_id))


async def _job(settings: Settings, workspace_id: str, document_id: str) -> str:
    counted = tallies.Tallies()
    async with opened(settings) as parts:
        async with _tallied(counted) as ended:
            ended.append(await index(parts, workspace_id, document_id))
        if ended == ["completed"]:
            await _index_others(settings, parts, workspace_id, document_id, counted)
    connection = connect_async(settings.redis_url, pool_size=1)
    await counted.flush(connection)
    await connection.aclose()
    return ended[0]


async def _index_others(
    settings: Settings, parts: IndexingParts, workspace_id: str, document_id: str, counted: tallies.Tallies
) -> None:
    """Index small documents that wait in the same dataset for a while: a process of its own costs more than each.

    Their own jobs go. Where this process dies, the reconciler finds the one that it worked on.
    """
    queues, deadline = Queues(settings.redis_url, parts.database), time.monotonic() + OTHERS_SECONDS
    try:
        while time.monotonic() < deadline:
            async with parts.database.workspace(workspace_id) as scope:
                document = await steps.start_next(scope, document_id, SMALL_FILE)
            if document is None:
                return
            await queues.cancel(document.id)
            async with _tallied(counted) as ended:
                ended.append(await _finish(parts, document, small=True))
    finally:
        queues.close()


@asynccontextmanager
async def _tallied(counted: tallies.Tallies) -> AsyncIterator[list[str]]:
    """Count how the indexing inside ended and what it took."""
    began, ended = time.monotonic(), list[str]()
    yield ended
    counted.add(tallies.DOCUMENTS, ended[0])
    counted.observe(tallies.INDEXING_SECONDS, seconds=time.monotonic() - began)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[IndexingParts]:
    """Make the parts of one job, on its own loop, and take them down after it."""
    database = Database(settings.database_url, CONNECTIONS)
    models = Models(settings, Sealer(settings.secret_key))
    builtin = BuiltinEmbedders(settings.models_folder, minilm=shared_model.loaded())
    embedders = WorkspaceEmbedders(database, models, builtin)
    try:
        yield IndexingParts(database, FolderStorage(settings.files_folder), embedders, models)
    finally:
        builtin.close()
        await models.aclose()
        await database.close()


async def index(parts: IndexingParts, workspace_id: str, document_id: str) -> str:
    """Index a waiting document.

    Returns:
        See `index_document`.
    """
    async with parts.database.workspace(workspace_id) as scope:
        document = await steps.start_attempt(scope, document_id)
    if document is None:
        return "not waiting"
    return await _finish(parts, document)


async def _finish(parts: IndexingParts, document: Document, *, small: bool = False) -> str:
    attempt = _Attempt(parts, document, small=small)
    try:
        await attempt.complete()
    except Superseded:
        return "superseded"
    except ApiError as error:
        return await attempt.fail(error.message)
    except (OSError, DBAPIError, psycopg.Error) as error:
        if not _is_disk_full(error):
            raise
        return await attempt.fail(DISK_FULL)
    return "completed"


def _is_disk_full(error: OSError | DBAPIError | psycopg.Error) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error.orig if isinstance(error, DBAPIError) else error, psycopg.errors.DiskFull)


class _Attempt:
    """One attempt at a document."""

    def __init__(self, parts: IndexingParts, document: Document, *, small: bool) -> None:
        """Prepare an attempt; that at a `small` document writes its quick steps at once, each with its own time."""
        self._parts = parts
        self._document = document
        self._small = small
        self._passed: dict[str, datetime] = {}
        self._began = time.monotonic()

    async def complete(self) -> None:
        """Do every step.

        Raises:
            Superseded: see there.
            ApiError: the document cannot be indexed; the message says why.
        """
        task = await self._load()
        extracted = await extract(task.path, task.file_name)
        await self._pass_to("cleaning")
        cleaned = await asyncio.to_thread(clean_pages, extracted, task.rules)
        await self._pass_to("splitting")
        passages = await self._split(cleaned, task)
        words = sum(map(len, cleaned.pages))
        await self._advance("indexing", word_count=words, segments_planned=len(passages), **self._passed)
        while not await self._write(passages, await self._dataset()):
            pass

    async def _write(self, passages: list[Passage], dataset: Dataset) -> bool:
        """Write all segments; return False where the dataset has changed to another embedding in the meantime."""
        embedder = await self._embedder(dataset)
        writer = PassageWriter(self._parts.database, self._document, dataset, passages, embedder)
        if self._document.attempt == 1:
            await self._prepare(writer, len(passages))
        while not await writer.write(self._latency()):
            await self._prepare(writer, len(passages))
        if writer.superseded:
            raise Superseded
        return not writer.outdated

    async def _prepare(self, writer: PassageWriter, planned: int) -> None:
        """Analyse and embed what is missing; what is done is told while the next passages are worked on."""
        telling, due = asyncio.create_task(asyncio.sleep(0)), 0.0
        try:
            async for done in writer.prepare_missing():
                if done < planned and telling.done() and time.monotonic() >= due:
                    await telling
                    telling = asyncio.create_task(self._report(done, planned))
                    due = time.monotonic() + REPORT_SECONDS
        finally:
            await asyncio.wait([telling])
        await telling

    async def fail(self, reason: str) -> str:
        """Give up for a reason that a person understands.

        Returns:
            `error`, or `superseded` where the document is not this attempt's any more.
        """
        try:
            latency = self._latency()
            await self._advance("error", error=reason[:LONGEST_REASON], indexing_latency=latency, **self._passed)
        except Superseded:
            return "superseded"
        return "error"

    async def _load(self) -> _Task:
        document = self._document
        async with self._parts.database.reading(document.workspace_id) as scope:
            rule = await documents.find_rule(scope, document.process_rule_id) if document.process_rule_id else None
            file_id = document.upload_file_id or str(document.data_source_info.get("upload_file_id") or "")
            upload = await uploads.find(scope, file_id) if file_id else None
        if upload is None:
            raise UnreadableDocument("The uploaded file is no longer there. Upload it again.")
        rules = parse_process_rule({"mode": rule.mode, "rules": rule.rules} if rule else None)
        path = self._parts.storage.path(upload.hash)
        if not await asyncio.to_thread(path.is_file):
            raise UnreadableDocument("The uploaded file is no longer there. Upload it again.")
        return _Task(document, rules, path, upload.name)

    async def _dataset(self) -> Dataset:
        async with self._parts.database.reading(self._document.workspace_id) as scope:
            return await datasets.get(scope, self._document.dataset_id)

    async def _split(self, cleaned: Extract, task: _Task) -> list[Passage]:
        form = self._document.doc_form
        rows = questions.read_rows(cleaned) if form == "qa_model" else None
        passages = rows or await asyncio.to_thread(cut, cleaned, task.rules, form)
        if not passages:
            raise UnreadableDocument("Nothing is left of the document after cleaning.")
        if form == "qa_model" and not rows:
            return await self._questions(passages)
        return passages

    async def _questions(self, passages: list[Passage]) -> list[Passage]:
        """Return what the workspace's chat model makes of passages."""
        models = self._parts.models
        if models is None:
            raise UnreadableDocument("Questions and answers are written by a model, and there is none here.")
        async with self._parts.database.workspace(self._document.workspace_id) as scope:
            available = await models.available(scope)
        chosen = await models.chat(available)
        made: list[Passage] = []
        for start in range(0, len(passages), questions.AT_ONCE):
            batch = passages[start : start + questions.AT_ONCE]
            made += await questions.make_questions(chosen.model, batch, self._document.doc_language or "English")
            await self._report(0, len(made))
        if not made:
            raise UnreadableDocument(f"The model {chosen.model.model} made no questions and answers of the document.")
        return made

    async def _embedder(self, dataset: Dataset) -> EmbeddingModel | None:
        """Return the model for the dataset's vectors; None where it is found by words alone."""
        if dataset.indexing_technique == "economy":
            return None
        provider, model = dataset.embedding_model_provider or None, dataset.embedding_model or None
        return await self._parts.embedders.embedder(dataset.workspace_id, provider, model)

    async def _pass_to(self, status: IndexingStatus) -> None:
        if self._small:
            self._passed[steps.FINISHED_STEP[status]] = now()
        else:
            await self._advance(status)

    async def _advance(self, status: IndexingStatus, **columns: str | float | datetime) -> None:
        async with self._parts.database.workspace(self._document.workspace_id) as scope:
            if not await steps.advance(scope, self._document.id, self._document.attempt, status, columns):
                raise Superseded

    async def _report(self, done: int, planned: int) -> None:
        async with self._parts.database.workspace(self._document.workspace_id) as scope:
            document = self._document
            if not await steps.report_progress(scope, document.id, document.attempt, done, planned):
                raise Superseded

    def _latency(self) -> float:
        return time.monotonic() - self._began
