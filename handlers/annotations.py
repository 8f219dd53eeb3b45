"""What every tier does with an app's annotations, and with the reply that they give."""

from __future__ import annotations

from engine.providers.catalogue import canonical, provider
from handlers.call import Call
from handlers.callers import AccountCaller
from handlers.contract import schemas
from handlers.rendering.annotations import (
    render_annotation,
    render_annotation_list,
    render_hit_list,
    render_job,
    render_job_detail,
)
from models import annotation as notes
from models import annotation_job as jobs
from models import app as apps
from models import message as messages
from models.annotation_job import Action, Kind


async def list_of(call: Call, app_id: str, page: int, limit: int, keyword: str | None) -> schemas.AnnotationList:
    """Return one page of an app's annotations.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await notes.page(scope, app.id, page=page, limit=limit, keyword=keyword)
    return render_annotation_list(found)


async def create(
    call: Call, app_id: str, question: str, answer: str, message_id: str | None = None
) -> schemas.Annotation:
    """Write an annotation; for a message, in place of the one that the message has.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        if message_id is not None:
            message_id = (await messages.get(scope, app.id, message_id)).id
            earlier = await notes.find_by_message(scope, app.id, message_id)
            if earlier is not None:
                return render_annotation(await notes.change(scope, app.id, earlier.id, question, answer))
        made = await notes.create(scope, app.id, question, answer, account_id=_account(call), message_id=message_id)
    return render_annotation(made)


async def change(call: Call, app_id: str, annotation_id: str, question: str, answer: str) -> schemas.Annotation:
    """Give an annotation another question and answer.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return render_annotation(await notes.change(scope, app.id, annotation_id, question, answer))


async def remove(call: Call, app_id: str, annotation_id: str) -> None:
    """Delete an annotation.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        await notes.remove(scope, app.id, annotation_id)


async def remove_many(call: Call, app_id: str, annotation_ids: list[str] | None) -> None:
    """Delete some of an app's annotations, or all where none is named.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        await notes.remove_many(scope, app.id, annotation_ids or None)


async def count_of(call: Call, app_id: str) -> schemas.AnnotationCount:
    """Return how many annotations an app has.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return {"count": await notes.count(scope, app.id)}


async def export(call: Call, app_id: str) -> schemas.AnnotationExport:
    """Return all annotations of an app.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        found = await notes.all_of(scope, app.id)
    return {"data": [render_annotation(annotation) for annotation in found]}


async def hits_of(call: Call, app_id: str, annotation_id: str, page: int, limit: int) -> schemas.AnnotationHitList:
    """Return one page of the questions that an annotation answered.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        annotation = await notes.get(scope, app.id, annotation_id)
        found = await notes.hits(scope, app.id, annotation.id, page=page, limit=limit)
    return render_hit_list(found)


async def set_reply(
    call: Call, app_id: str, action: Action, body: schemas.AnnotationReplyRequest
) -> schemas.AnnotationJob:
    """Queue the job that switches an app's annotation reply on or off.

    Raises:
        ApiError: `app_not_found`, or `provider_not_found` where the embedding model's provider is unknown.
    """
    name = canonical(body["embedding_provider_name"])
    if action == "enable":
        name = provider(name).name
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        job = await jobs.create(
            scope,
            app.id,
            action,
            score_threshold=body["score_threshold"],
            provider=name,
            model=body["embedding_model_name"],
            account_id=_account(call),
        )
    await call.services.queues.enqueue_annotation_job(call.workspace_id, job.id)
    return render_job(job)


async def job_of(call: Call, app_id: str, action: Kind, job_id: str) -> schemas.AnnotationJobDetail:
    """Return where a job stands.

    Raises:
        ApiError: `app_not_found` or `not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        return render_job_detail(await jobs.get(scope, app.id, action, job_id))


def _account(call: Call) -> str | None:
    return call.caller.account_id if isinstance(call.caller, AccountCaller) else None
