"""Answers that people wrote for questions."""

from __future__ import annotations

from handlers import annotations as notes
from handlers.call import Call
from handlers.contract import schemas
from models.annotation_job import Action


async def list_annotations(
    call: Call, *, page: int = 1, limit: int = 20, keyword: str | None = None
) -> schemas.AnnotationList:
    """List the app's annotations."""
    return await notes.list_of(call, call.app_id, page, limit, keyword)


async def create_annotation(call: Call, *, body: schemas.AnnotationRequest) -> schemas.Annotation:
    """Write an annotation."""
    return await notes.create(call, call.app_id, body["question"], body["answer"])


async def update_annotation(call: Call, *, annotation_id: str, body: schemas.AnnotationRequest) -> schemas.Annotation:
    """Change an annotation."""
    return await notes.change(call, call.app_id, annotation_id, body["question"], body["answer"])


async def delete_annotation(call: Call, *, annotation_id: str) -> None:
    """Delete an annotation."""
    await notes.remove(call, call.app_id, annotation_id)


async def set_annotation_reply(
    call: Call, *, action: Action, body: schemas.AnnotationReplyRequest
) -> schemas.AnnotationJob:
    """Switch annotation reply on or off."""
    return await notes.set_reply(call, call.app_id, action, body)


async def get_annotation_reply_job(call: Call, *, action: Action, job_id: str) -> schemas.AnnotationJobDetail:
    """Watch a change of annotation reply."""
    return await notes.job_of(call, call.app_id, action, job_id)
