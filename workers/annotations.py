"""Annotation reply: the job that switches it on or off, and the annotation that answers a question."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType

from redis import Redis
from rq.job import Job

from engine.providers.model import EmbeddingModel
from engine.retrieval.search import embedding_name
from foundation.errors import ApiError
from models import annotation as notes
from models import app as apps
from models.annotation import AnnotationSetting, Match
from models.annotation_job import AnnotationJob
from models.job import claim, finish
from models.message import Message
from workers import process
from workers.process import GenerationProcess, current

log = logging.getLogger(__name__)

BATCH = 64
CALLBACK_SECONDS = 30
LATE_ANNOTATIONS = 256
"""Annotations written since the reply was switched on whose vectors one question may have to wait for."""


async def change_reply(workspace_id: str, job_id: str) -> str:
    """Switch an app's annotation reply on or off; the RQ job. Doing it twice changes nothing.

    Returns:
        How it ended: `completed`, `error`, or `not waiting`.
    """
    parts = current()
    async with parts.database.workspace(workspace_id) as scope:
        job = await claim(scope, AnnotationJob, job_id)
    if job is None:
        return "not waiting"
    reason: str | None = None
    try:
        await (_enable(parts, job) if job.action == "enable" else _disable(parts, job))
    except ApiError as error:
        reason = error.message
    async with parts.database.workspace(workspace_id) as scope:
        await finish(scope, AnnotationJob, job_id, reason)
    return "error" if reason else "completed"


def end_failed_job(
    job: Job, connection: Redis, kind: type[BaseException], value: BaseException, trace: TracebackType | None
) -> None:
    """End a job that failed without a reason of its own; RQ's failure callback, called in a thread."""
    workspace_id, job_id = job.args
    parts = process.current()
    ending = _end(parts, workspace_id, job_id)
    asyncio.run_coroutine_threadsafe(ending, parts.loop).result(CALLBACK_SECONDS)


async def matching(parts: GenerationProcess, message: Message, query: str) -> Match | None:
    """Return the annotation that answers a question; None where there is none, or where it cannot be looked for.

    Args:
        parts: the process's parts.
        message: the message that asks.
        query: what is asked.
    """
    if not query.strip():
        return None
    async with parts.database.reading(message.workspace_id) as scope:
        setting = await notes.setting(scope, message.app_id)
    if setting is None or not setting.enabled:
        return None
    try:
        return await _nearest(parts, message, query, setting)
    except ApiError as error:
        log.warning("annotations of app %s cannot be searched: %s", message.app_id, error.message)
        return None


async def _nearest(parts: GenerationProcess, message: Message, query: str, setting: AnnotationSetting) -> Match | None:
    workspace_id, app_id = message.workspace_id, message.app_id
    model = await parts.embedders.embedder(workspace_id, setting.embedding_provider, setting.embedding_model)
    await _embed(parts, workspace_id, app_id, model, LATE_ANNOTATIONS)
    [vector] = await model.embed([query])
    async with parts.database.workspace(workspace_id) as scope:
        match = await notes.nearest(scope, app_id, embedding_name(model), vector)
        if match is None or match.score < setting.score_threshold:
            return None
        source = "console" if message.invoke_from == "debugger" else "api"
        await notes.note_hit(scope, match, message_id=message.id, author=message.author, source=source, question=query)
        return match


async def _enable(parts: GenerationProcess, job: AnnotationJob) -> None:
    model = await parts.embedders.embedder(job.workspace_id, job.embedding_provider, job.embedding_model)
    await _embed(parts, job.workspace_id, job.app_id, model, None)
    async with parts.database.workspace(job.workspace_id) as scope:
        await notes.enable(
            scope,
            job.app_id,
            score_threshold=job.score_threshold,
            provider=job.embedding_provider,
            model=job.embedding_model,
            updated_by=job.account_id,
        )
        shown = {
            "enabled": True,
            "score_threshold": job.score_threshold,
            "embedding_model": {
                "embedding_provider_name": job.embedding_provider,
                "embedding_model_name": job.embedding_model,
            },
        }
        await apps.set_feature(scope, job.app_id, "annotation_reply", shown)


async def _disable(parts: GenerationProcess, job: AnnotationJob) -> None:
    async with parts.database.workspace(job.workspace_id) as scope:
        await notes.disable(scope, job.app_id)
        await apps.set_feature(scope, job.app_id, "annotation_reply", {"enabled": False})


async def _embed(
    parts: GenerationProcess, workspace_id: str, app_id: str, model: EmbeddingModel, limit: int | None
) -> None:
    """Make the vectors that are missing, as many as `limit`, with no transaction open while the model works."""
    done = 0
    while limit is None or done < limit:
        async with parts.database.workspace(workspace_id) as scope:
            batch = await notes.without_vector(scope, app_id, embedding_name(model), BATCH)
        if not batch:
            return
        vectors = await model.embed([annotation.question for annotation in batch])
        async with parts.database.workspace(workspace_id) as scope:
            for annotation, vector in zip(batch, vectors, strict=True):
                await notes.keep_vector(scope, annotation, embedding_name(model), vector)
        done += len(batch)


async def _end(parts: GenerationProcess, workspace_id: str, job_id: str) -> None:
    async with parts.database.workspace(workspace_id) as scope:
        await finish(scope, AnnotationJob, job_id, "The job failed before it could say why; please try again.")
