"""What administrators read of an app's conversations, and of the messages of an app that answers once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select

from models.annotation import Annotation, AnnotationHit
from models.conversation import Conversation, SortBy
from models.end_user import EndUser
from models.message import Message
from models.message_feedback import MessageFeedback
from models.page import Page, like, numbered
from models.scope import Scope

AnnotationStatus = Literal["all", "annotated", "not_annotated"]
Asked = Conversation | Message


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment on, before another; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that a column lies within."""
        conditions: list[ColumnElement[bool]] = []
        if self.since is not None:
            conditions.append(moment >= self.since)
        if self.until is not None:
            conditions.append(moment < self.until)
        return conditions


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which conversations are wanted."""

    period: Period = Period()
    keyword: str | None = None
    annotation_status: AnnotationStatus = "all"
    message_count_gte: int | None = None


@dataclass(slots=True)
class Summary:
    """What is told of one conversation, or of one message.

    Attributes:
        ratings: how often each (source, rating) was given.
        statuses: how many runs ended in each status.
        first: its first message.
        last: its last message.
        annotated: whether one of its answers was annotated.
    """

    ratings: dict[tuple[str, str], int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    first: Message | None = None
    last: Message | None = None
    annotated: bool = False


async def conversations(
    scope: Scope, app_id: str, wanted: LogFilter, *, sort_by: SortBy = "-updated_at", page: int = 1, limit: int = 20
) -> Page[Conversation]:
    """Return one page of an app's conversations with anybody."""
    column = Conversation.updated_at if sort_by.endswith("updated_at") else Conversation.created_at
    query = select(Conversation).where(
        Conversation.workspace_id == scope.workspace_id,
        Conversation.app_id == app_id,
        Conversation.deleted_at.is_(None),
        *wanted.period.holds(column),
    )
    own = select(Message.id).where(
        Message.workspace_id == scope.workspace_id, Message.conversation_id == Conversation.id
    )
    if wanted.keyword:
        pattern = like(wanted.keyword)
        said = own.where(or_(Message.query.ilike(pattern), Message.answer.ilike(pattern))).exists()
        query = query.where(or_(Conversation.name.ilike(pattern), said, _session(Conversation, pattern)))
    if wanted.message_count_gte:
        query = query.where(Conversation.dialogue_count >= wanted.message_count_gte)
    corrected = own.join(Annotation, Annotation.message_id == Message.id).exists()
    query = _annotated(query, corrected, wanted.annotation_status)
    if sort_by.startswith("-"):
        query = query.order_by(column.desc(), Conversation.id.desc())
    else:
        query = query.order_by(column, Conversation.id)
    return await numbered(scope, query, page, limit)


async def answers(scope: Scope, app_id: str, wanted: LogFilter, *, page: int = 1, limit: int = 20) -> Page[Message]:
    """Return one page of the messages that belong to no conversation, newest first."""
    query = select(Message).where(
        Message.workspace_id == scope.workspace_id,
        Message.app_id == app_id,
        Message.conversation_id.is_(None),
        *wanted.period.holds(Message.created_at),
    )
    if wanted.keyword:
        pattern = like(wanted.keyword)
        query = query.where(
            or_(Message.query.ilike(pattern), Message.answer.ilike(pattern), _session(Message, pattern))
        )
    corrected = select(Annotation.id).where(Annotation.message_id == Message.id).exists()
    query = _annotated(query, corrected, wanted.annotation_status)
    return await numbered(scope, query.order_by(Message.created_at.desc(), Message.id.desc()), page, limit)


async def answer(scope: Scope, app_id: str, message_id: str) -> Message | None:
    """Return a message that belongs to no conversation."""
    query = select(Message).where(
        Message.workspace_id == scope.workspace_id,
        Message.app_id == app_id,
        Message.conversation_id.is_(None),
        Message.id == message_id,
    )
    return await scope.session.scalar(query)


async def summaries(scope: Scope, conversation_ids: Sequence[str]) -> dict[str, Summary]:
    """Return what is told of each of these conversations."""
    found = {conversation_id: Summary() for conversation_id in conversation_ids}
    own = (Message.workspace_id == scope.workspace_id, Message.conversation_id.in_(conversation_ids))
    ratings = (
        select(Message.conversation_id, MessageFeedback.source, MessageFeedback.rating, func.count())
        .join(MessageFeedback, MessageFeedback.message_id == Message.id)
        .where(*own)
        .group_by(Message.conversation_id, MessageFeedback.source, MessageFeedback.rating)
    )
    for conversation_id, source, rating, number in await scope.session.execute(ratings):
        found[str(conversation_id)].ratings[source, rating] = number
    statuses = (
        select(Message.conversation_id, Message.status, func.count())
        .where(*own)
        .group_by(Message.conversation_id, Message.status)
    )
    for conversation_id, status, number in await scope.session.execute(statuses):
        found[str(conversation_id)].statuses[status] = number
    annotated = select(Message.conversation_id).join(Annotation, Annotation.message_id == Message.id).where(*own)
    for conversation_id in await scope.session.scalars(annotated.distinct()):
        found[str(conversation_id)].annotated = True
    ends = select(Message).where(*own).distinct(Message.conversation_id)
    for first in await scope.session.scalars(ends.order_by(Message.conversation_id, Message.created_at, Message.id)):
        found[str(first.conversation_id)].first = first
    for last in await scope.session.scalars(
        ends.order_by(Message.conversation_id, Message.created_at.desc(), Message.id.desc())
    ):
        found[str(last.conversation_id)].last = last
    return found


async def sessions(scope: Scope, end_user_ids: set[str]) -> dict[str, str]:
    """Return the callers' own ids of people."""
    query = select(EndUser.id, EndUser.session_id).where(
        EndUser.workspace_id == scope.workspace_id, EndUser.id.in_(end_user_ids)
    )
    return {row[0]: row[1] for row in await scope.session.execute(query)}


async def feedbacks(scope: Scope, message_ids: Sequence[str]) -> dict[str, list[MessageFeedback]]:
    """Return what people think of some messages, by message."""
    query = select(MessageFeedback).where(
        MessageFeedback.workspace_id == scope.workspace_id, MessageFeedback.message_id.in_(message_ids)
    )
    found: dict[str, list[MessageFeedback]] = {message_id: [] for message_id in message_ids}
    for given in await scope.session.scalars(query.order_by(MessageFeedback.created_at, MessageFeedback.id)):
        found[given.message_id].append(given)
    return found


async def annotations(scope: Scope, message_ids: Sequence[str]) -> dict[str, Annotation]:
    """Return the latest annotation of each of these messages that has one."""
    query = (
        select(Annotation)
        .where(Annotation.workspace_id == scope.workspace_id, Annotation.message_id.in_(message_ids))
        .order_by(Annotation.created_at, Annotation.id)
    )
    return {str(each.message_id): each for each in await scope.session.scalars(query)}


async def hit_of(scope: Scope, message_id: str) -> tuple[AnnotationHit, Annotation] | None:
    """Return the annotation that answered a message, with the record of it."""
    query = (
        select(AnnotationHit, Annotation)
        .join(Annotation, Annotation.id == AnnotationHit.annotation_id)
        .where(AnnotationHit.workspace_id == scope.workspace_id, AnnotationHit.message_id == message_id)
    )
    row = (await scope.session.execute(query.limit(1))).first()
    return (row[0], row[1]) if row else None


def _session(table: type[Asked], pattern: str) -> ColumnElement[bool]:
    return select(EndUser.id).where(EndUser.id == table.end_user_id, EndUser.session_id.ilike(pattern)).exists()


def _annotated(query: Select[Any], corrected: ColumnElement[bool], status: AnnotationStatus) -> Select[Any]:
    if status == "all":
        return query
    return query.where(corrected if status == "annotated" else ~corrected)
