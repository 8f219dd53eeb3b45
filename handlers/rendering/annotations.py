"""Annotations as the contract shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import unix
from models.annotation import Annotation, AnnotationHit
from models.annotation_job import AnnotationJob
from models.page import Page


def render_annotation(annotation: Annotation) -> schemas.Annotation:
    """Render an `Annotation`."""
    return {
        "id": annotation.id,
        "question": annotation.question,
        "answer": annotation.answer,
        "hit_count": annotation.hit_count,
        "created_at": unix(annotation.created_at),
    }


def render_annotation_list(page: Page[Annotation]) -> schemas.AnnotationList:
    """Render an `AnnotationList`."""
    return {
        "data": [render_annotation(annotation) for annotation in page.items],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_job(job: AnnotationJob) -> schemas.AnnotationJob:
    """Render an `AnnotationJob`."""
    return {"job_id": job.id, "job_status": job.status}


def render_job_detail(job: AnnotationJob) -> schemas.AnnotationJobDetail:
    """Render an `AnnotationJobDetail`."""
    return {"job_id": job.id, "job_status": job.status, "error_msg": job.error or ""}


def render_hit_list(page: Page[AnnotationHit]) -> schemas.AnnotationHitList:
    """Render an `AnnotationHitList`."""
    data: list[schemas.AnnotationHit] = [
        {
            "id": hit.id,
            "source": hit.source,
            "score": hit.score,
            "question": hit.question,
            "created_at": unix(hit.created_at),
            "match": hit.annotation_question,
            "response": hit.annotation_answer,
        }
        for hit in page.items
    ]
    return {"data": data, "has_more": page.has_more, "limit": page.limit, "total": page.total, "page": page.page}
