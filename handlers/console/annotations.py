"""Answers that people wrote for questions, and the reply that they give."""

from __future__ import annotations

from handlers import annotation_imports
from handlers import annotation_settings as settings
from handlers import annotations as notes
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import UploadedFile
from models.annotation_job import Action


async def list_annotations(
    call: Call, *, app_id: str, page: int = 1, limit: int = 20, keyword: str | None = None
) -> schemas.AnnotationList:
    """List an app's annotations."""
    return await notes.list_of(call, app_id, page, limit, keyword)


async def create_annotation(call: Call, *, app_id: str, body: schemas.ConsoleAnnotationRequest) -> schemas.Annotation:
    """Write an annotation, of its own or for a message."""
    return await notes.create(call, app_id, body["question"], body["answer"], body.get("message_id") or None)


async def delete_annotations(call: Call, *, app_id: str, annotation_id: list[str] | None = None) -> None:
    """Delete some annotations, or all."""
    await notes.remove_many(call, app_id, annotation_id)


async def count_annotations(call: Call, *, app_id: str) -> schemas.AnnotationCount:
    """Count an app's annotations."""
    return await notes.count_of(call, app_id)


async def export_annotations(call: Call, *, app_id: str) -> schemas.AnnotationExport:
    """Read all annotations of an app."""
    return await notes.export(call, app_id)


async def import_annotations(call: Call, *, app_id: str, file: UploadedFile) -> schemas.AnnotationImport:
    """Add annotations from a CSV file."""
    return await annotation_imports.run(call, app_id, file)


async def get_annotation_import(call: Call, *, app_id: str, job_id: str) -> schemas.AnnotationJobDetail:
    """Watch an import of annotations."""
    return await notes.job_of(call, app_id, "import", job_id)


async def update_annotation(
    call: Call, *, app_id: str, annotation_id: str, body: schemas.AnnotationRequest
) -> schemas.Annotation:
    """Change an annotation."""
    return await notes.change(call, app_id, annotation_id, body["question"], body["answer"])


async def delete_annotation(call: Call, *, app_id: str, annotation_id: str) -> None:
    """Delete an annotation."""
    await notes.remove(call, app_id, annotation_id)


async def list_annotation_hits(
    call: Call, *, app_id: str, annotation_id: str, page: int = 1, limit: int = 20
) -> schemas.AnnotationHitList:
    """List the questions that an annotation answered."""
    return await notes.hits_of(call, app_id, annotation_id, page, limit)


async def set_annotation_reply(
    call: Call, *, app_id: str, action: Action, body: schemas.AnnotationReplyRequest
) -> schemas.AnnotationJob:
    """Switch annotation reply on or off."""
    return await notes.set_reply(call, app_id, action, body)


async def get_annotation_reply_job(
    call: Call, *, app_id: str, action: Action, job_id: str
) -> schemas.AnnotationJobDetail:
    """Watch a change of annotation reply."""
    return await notes.job_of(call, app_id, action, job_id)


async def get_annotation_setting(call: Call, *, app_id: str) -> schemas.AnnotationSetting:
    """Show how an app's annotations are found."""
    return await settings.show(call, app_id)


async def update_annotation_setting(
    call: Call, *, app_id: str, annotation_setting_id: str, body: schemas.AnnotationThreshold
) -> schemas.AnnotationSetting:
    """Change from which likeness on annotations answer."""
    return await settings.change_threshold(call, app_id, annotation_setting_id, body["score_threshold"])
