"""Annotations: answers that people wrote for questions, given instead of the model's where a question comes close."""

from collections.abc import Sequence
from dataclasses import dataclass

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Index, Select, UniqueConstraint, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.author import Author, Authored
from models.page import Page, like, numbered
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Updated, addressable, belongs_to, now


class Annotation(Identified, Created, Updated, Owned, Table):
    """A question with the answer that a person gave to it; `embedding` names the model that made its vector."""

    __tablename__ = "annotation"
    __table_args__ = (
        addressable(),
        belongs_to("app"),
        Index(None, "app_id", "created_at", "id"),
        Index(None, "message_id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    message_id: Mapped[str | None] = mapped_column(Id)
    question: Mapped[str]
    answer: Mapped[str]
    hit_count: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[str | None] = mapped_column(Id)
    embedding: Mapped[str | None]
    vector: Mapped[list[float] | None] = mapped_column(HALFVEC)


class AnnotationHit(Identified, Created, Owned, Authored, Table):
    """A question that an annotation answered, with both as they were then."""

    __tablename__ = "annotation_hit"
    __table_args__ = (belongs_to("app"), belongs_to("annotation"), Index(None, "annotation_id", "created_at", "id"))

    app_id: Mapped[str] = mapped_column(Id)
    annotation_id: Mapped[str] = mapped_column(Id)
    message_id: Mapped[str] = mapped_column(Id)
    source: Mapped[str]
    score: Mapped[float]
    question: Mapped[str]
    annotation_question: Mapped[str]
    annotation_answer: Mapped[str]


class AnnotationSetting(Identified, Created, Updated, Owned, Table):
    """How an app's annotations are found: from which likeness on, by the vectors of which model."""

    __tablename__ = "annotation_setting"
    __table_args__ = (belongs_to("app"), UniqueConstraint("app_id"))

    app_id: Mapped[str] = mapped_column(Id)
    enabled: Mapped[bool] = mapped_column(default=True)
    score_threshold: Mapped[float]
    embedding_provider: Mapped[str]
    embedding_model: Mapped[str]
    updated_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class Match:
    """The annotation that is most like a question; `score` is the cosine of their vectors."""

    annotation: Annotation
    score: float


async def create(
    scope: Scope,
    app_id: str,
    question: str,
    answer: str,
    *,
    account_id: str | None = None,
    message_id: str | None = None,
) -> Annotation:
    """Write an annotation; its vector is made when it is first needed."""
    made = Annotation(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        question=question,
        answer=answer,
        account_id=account_id,
        message_id=message_id,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def create_many(
    scope: Scope, app_id: str, rows: Sequence[tuple[str, str]], account_id: str | None = None
) -> None:
    """Write annotations of questions and answers, in their order."""
    scope.session.add_all(
        Annotation(
            workspace_id=scope.workspace_id, app_id=app_id, question=question, answer=answer, account_id=account_id
        )
        for question, answer in rows
    )
    await scope.session.flush()


async def get(scope: Scope, app_id: str, annotation_id: str) -> Annotation:
    """Return an annotation of an app.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(_of_app(scope, app_id).where(Annotation.id == annotation_id))
    if found is None:
        raise ApiError("not_found", "Annotation not found")
    return found


async def find_by_message(scope: Scope, app_id: str, message_id: str) -> Annotation | None:
    """Return the annotation that corrects a message, the latest where there are several."""
    query = _of_app(scope, app_id).where(Annotation.message_id == message_id)
    return await scope.session.scalar(query.order_by(Annotation.created_at.desc(), Annotation.id.desc()).limit(1))


async def page(
    scope: Scope, app_id: str, *, page: int = 1, limit: int = 20, keyword: str | None = None
) -> Page[Annotation]:
    """Return one page of an app's annotations, newest first; `keyword` is part of a question or an answer."""
    query = _of_app(scope, app_id)
    if keyword:
        query = query.where(or_(Annotation.question.ilike(like(keyword)), Annotation.answer.ilike(like(keyword))))
    return await numbered(scope, query.order_by(Annotation.created_at.desc(), Annotation.id.desc()), page, limit)


async def all_of(scope: Scope, app_id: str) -> list[Annotation]:
    """Return all of an app's annotations, newest first."""
    query = _of_app(scope, app_id).order_by(Annotation.created_at.desc(), Annotation.id.desc())
    return list(await scope.session.scalars(query))


async def count(scope: Scope, app_id: str) -> int:
    """Return how many annotations an app has."""
    return await scope.session.scalar(select(func.count()).select_from(_of_app(scope, app_id).subquery())) or 0


async def change(scope: Scope, app_id: str, annotation_id: str, question: str, answer: str) -> Annotation:
    """Give an annotation another question and answer.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, app_id, annotation_id)
    if found.question != question:
        found.embedding, found.vector = None, None
    found.question, found.answer = question, answer
    await scope.session.flush()
    return found


async def remove(scope: Scope, app_id: str, annotation_id: str) -> None:
    """Delete an annotation with the record of its hits.

    Raises:
        ApiError: `not_found`.
    """
    await scope.session.delete(await get(scope, app_id, annotation_id))
    await scope.session.flush()


async def remove_many(scope: Scope, app_id: str, annotation_ids: Sequence[str] | None = None) -> int:
    """Delete some of an app's annotations, or all of them, and return how many there were."""
    statement = delete(Annotation).where(Annotation.workspace_id == scope.workspace_id, Annotation.app_id == app_id)
    if annotation_ids is not None:
        statement = statement.where(Annotation.id.in_(annotation_ids))
    return len((await scope.session.scalars(statement.returning(Annotation.id))).all())


async def setting(scope: Scope, app_id: str) -> AnnotationSetting | None:
    """Return how an app's annotations are found; None where that was never set."""
    query = select(AnnotationSetting).where(
        AnnotationSetting.workspace_id == scope.workspace_id, AnnotationSetting.app_id == app_id
    )
    return await scope.session.scalar(query)


async def enable(
    scope: Scope, app_id: str, *, score_threshold: float, provider: str, model: str, updated_by: str | None
) -> None:
    """Let annotations answer."""
    at = now()
    values = {
        "enabled": True,
        "score_threshold": score_threshold,
        "embedding_provider": provider,
        "embedding_model": model,
        "updated_by": updated_by,
        "updated_at": at,
    }
    statement = insert(AnnotationSetting).values(
        id=new_id(), workspace_id=scope.workspace_id, app_id=app_id, created_at=at, **values
    )
    await scope.session.execute(statement.on_conflict_do_update(index_elements=["app_id"], set_=values))


async def disable(scope: Scope, app_id: str) -> None:
    """Let annotations answer no longer; they stay."""
    await scope.session.execute(
        update(AnnotationSetting)
        .where(AnnotationSetting.workspace_id == scope.workspace_id, AnnotationSetting.app_id == app_id)
        .values(enabled=False, updated_at=now())
        .execution_options(synchronize_session=False)
    )


async def without_vector(scope: Scope, app_id: str, embedding: str, limit: int) -> list[Annotation]:
    """Return annotations of an app that have no vector of a model yet."""
    query = _of_app(scope, app_id).where(Annotation.embedding.is_distinct_from(embedding))
    return list(await scope.session.scalars(query.order_by(Annotation.id).limit(limit)))


async def keep_vector(scope: Scope, annotation: Annotation, embedding: str, vector: Sequence[float]) -> None:
    """Keep the vector of an annotation, unless its question was changed in the meantime."""
    await scope.session.execute(
        update(Annotation)
        .where(
            Annotation.workspace_id == scope.workspace_id,
            Annotation.id == annotation.id,
            Annotation.question == annotation.question,
        )
        .values(embedding=embedding, vector=list(vector), updated_at=Annotation.updated_at)
        .execution_options(synchronize_session=False)
    )


async def nearest(scope: Scope, app_id: str, embedding: str, vector: Sequence[float]) -> Match | None:
    """Return the annotation whose question is most like a vector of the same model."""
    distance = Annotation.vector.cosine_distance(list(vector))
    query = (
        select(Annotation, distance)
        .where(
            Annotation.workspace_id == scope.workspace_id,
            Annotation.app_id == app_id,
            Annotation.embedding == embedding,
            func.vector_dims(Annotation.vector) == len(vector),
        )
        .order_by(distance)
        .limit(1)
    )
    row = (await scope.session.execute(query)).first()
    return Match(row[0], 1.0 - float(row[1])) if row else None


async def note_hit(scope: Scope, match: Match, *, message_id: str, author: Author, source: str, question: str) -> None:
    """Count and record that an annotation answered a message."""
    annotation = match.annotation
    await scope.session.execute(
        update(Annotation)
        .where(Annotation.workspace_id == scope.workspace_id, Annotation.id == annotation.id)
        .values(hit_count=Annotation.hit_count + 1, updated_at=Annotation.updated_at)
        .execution_options(synchronize_session=False)
    )
    scope.session.add(
        AnnotationHit(
            workspace_id=scope.workspace_id,
            app_id=annotation.app_id,
            annotation_id=annotation.id,
            message_id=message_id,
            source=source,
            score=match.score,
            question=question,
            annotation_question=annotation.question,
            annotation_answer=annotation.answer,
            **author.columns(),
        )
    )
    await scope.session.flush()


async def hits(scope: Scope, app_id: str, annotation_id: str, *, page: int = 1, limit: int = 20) -> Page[AnnotationHit]:
    """Return one page of the questions that an annotation answered, newest first."""
    query = select(AnnotationHit).where(
        AnnotationHit.workspace_id == scope.workspace_id,
        AnnotationHit.app_id == app_id,
        AnnotationHit.annotation_id == annotation_id,
    )
    return await numbered(scope, query.order_by(AnnotationHit.created_at.desc(), AnnotationHit.id.desc()), page, limit)


def _of_app(scope: Scope, app_id: str) -> Select[Annotation]:
    return select(Annotation).where(Annotation.workspace_id == scope.workspace_id, Annotation.app_id == app_id)
