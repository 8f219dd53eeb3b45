"""Webhooks: where an app tells the end of its runs, and the log of what was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Index, delete, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.page import Page, numbered
from models.scope import Scope, SystemScope
from models.table import (
    Created,
    Id,
    Identified,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)

DeliveryStatus = Literal["pending", "delivered", "failed"]
PENDING = text("status = 'pending'")
ATTEMPT_LEASE = timedelta(seconds=60)


class Webhook(Identified, Created, Updated, Owned, Table):
    """An address that is told when a run of an app ends. `sealed` holds its signing secrets."""

    __tablename__ = "webhook"
    __table_args__ = (addressable(), belongs_to("app"), Index(None, "app_id", "created_at", "id"))

    app_id: Mapped[str] = mapped_column(Id)
    url: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    sealed: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)


class WebhookDelivery(Identified, Created, Updated, Owned, Table):
    """One message to a webhook.

    `due_at` is when it is tried next, or until when a try in progress counts as alive, by the database's clock: clocks
    of machines differ.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        belongs_to("webhook"),
        one_of("status", get_args(DeliveryStatus)),
        Index(None, "webhook_id", "created_at", "id"),
        Index("ix_webhook_delivery_due", "due_at", postgresql_where=PENDING),
        Index(None, "finished_at"),
    )

    webhook_id: Mapped[str] = mapped_column(Id)
    event: Mapped[str]
    task_id: Mapped[str | None] = mapped_column(Id)
    payload: Mapped[str]
    status: Mapped[DeliveryStatus] = mapped_column(Words, default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    response_body: Mapped[str | None]
    error: Mapped[str | None]
    trace_id: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery that is tried now, with the webhook that it goes to."""

    delivery: WebhookDelivery
    webhook: Webhook


async def create(
    scope: Scope, *, app_id: str, url: str, description: str, enabled: bool, sealed: str, created_by: str | None
) -> Webhook:
    """Store a webhook of an app; its secrets come sealed."""
    made = Webhook(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        url=url,
        description=description,
        enabled=enabled,
        sealed=sealed,
        created_by=created_by,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def list_all(scope: Scope, app_id: str) -> list[Webhook]:
    """Return an app's webhooks, newest first."""
    query = select(Webhook).where(Webhook.workspace_id == scope.workspace_id, Webhook.app_id == app_id)
    return list(await scope.session.scalars(query.order_by(Webhook.created_at.desc(), Webhook.id.desc())))


async def get(scope: Scope, app_id: str, webhook_id: str) -> Webhook:
    """Return a webhook of an app.

    Raises:
        ApiError: `not_found`.
    """
    query = select(Webhook).where(
        Webhook.workspace_id == scope.workspace_id, Webhook.app_id == app_id, Webhook.id == webhook_id
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Webhook not found.")
    return found


async def change(scope: Scope, app_id: str, webhook_id: str, changes: dict[str, Any]) -> Webhook:
    """Set columns of a webhook.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, app_id, webhook_id)
    for column, value in changes.items():
        setattr(found, column, value)
    await scope.session.flush()
    return found


async def remove(scope: Scope, app_id: str, webhook_id: str) -> None:
    """Delete a webhook with its deliveries.

    Raises:
        ApiError: `not_found`.
    """
    statement = delete(Webhook).where(
        Webhook.workspace_id == scope.workspace_id, Webhook.app_id == app_id, Webhook.id == webhook_id
    )
    if await scope.session.scalar(statement.returning(Webhook.id)) is None:
        raise ApiError("not_found", "Webhook not found.")


async def listening(scope: Scope, app_id: str) -> list[str]:
    """Return the ids of an app's webhooks that are on."""
    query = select(Webhook.id).where(
        Webhook.workspace_id == scope.workspace_id, Webhook.app_id == app_id, Webhook.enabled
    )
    return list(await scope.session.scalars(query))


async def add_deliveries(
    scope: Scope,
    webhook_ids: Sequence[str],
    *,
    event: str,
    payload: str,
    task_id: str | None = None,
    trace_id: str | None = None,
) -> list[str]:
    """Store one delivery of a payload for each webhook, due at once.

    Returns:
        The ids of the deliveries.
    """
    moment = now()
    rows = [
        {
            "id": new_id(),
            "workspace_id": scope.workspace_id,
            "webhook_id": webhook_id,
            "event": event,
            "task_id": task_id,
            "payload": payload,
            "status": "pending",
            "attempts": 0,
            "due_at": func.now(),
            "trace_id": trace_id,
            "created_at": moment,
            "updated_at": moment,
        }
        for webhook_id in webhook_ids
    ]
    await scope.session.execute(insert(WebhookDelivery).values(rows))
    return [str(row["id"]) for row in rows]


async def page_of_deliveries(
    scope: Scope, webhook_id: str, *, page: int = 1, limit: int = 20, status: str | None = None
) -> Page[WebhookDelivery]:
    """Return one page of what was told to a webhook, newest first; `status` narrows it."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.workspace_id == scope.workspace_id, WebhookDelivery.webhook_id == webhook_id
    )
    if status:
        query = query.where(WebhookDelivery.status == status)
    ordered = query.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    return await numbered(scope, ordered, page, limit)


async def get_delivery(scope: Scope, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """Return a delivery of a webhook.

    Raises:
        ApiError: `not_found`.
    """
    query = select(WebhookDelivery).where(
        WebhookDelivery.workspace_id == scope.workspace_id,
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.id == delivery_id,
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Delivery not found.")
    return found


async def deliver_again(scope: Scope, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """Make a delivery due now, with all its attempts before it; one that is pending is only brought forward.

    Raises:
        ApiError: `not_found`.
    """
    found = await get_delivery(scope, webhook_id, delivery_id)
    found.status = "pending"
    found.attempts = 0
    found.due_at = func.now()
    found.finished_at = None
    await scope.session.flush()
    await scope.session.refresh(found)
    return found


async def begin_attempt(scope: Scope, delivery_id: str) -> Attempt | None:
    """Begin the next attempt at a delivery that is due; nobody else begins one for a minute.

    Returns:
        The delivery with its webhook; None where it is not due.
    """
    statement = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.workspace_id == scope.workspace_id,
            WebhookDelivery.id == delivery_id,
            WebhookDelivery.status == "pending",
            WebhookDelivery.due_at <= func.now(),
        )
        .values(attempts=WebhookDelivery.attempts + 1, due_at=func.now() + ATTEMPT_LEASE)
        .returning(WebhookDelivery)
    )
    delivery = (await scope.session.execute(statement)).scalar_one_or_none()
    if delivery is None:
        return None
    query = select(Webhook).where(Webhook.workspace_id == scope.workspace_id, Webhook.id == delivery.webhook_id)
    return Attempt(delivery, (await scope.session.scalars(query)).one())


async def end_attempt(scope: Scope, delivery_id: str, attempt: int, values: dict[str, Any]) -> None:
    """Keep what came of an attempt, unless the delivery was begun anew in the meantime."""
    statement = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.workspace_id == scope.workspace_id,
            WebhookDelivery.id == delivery_id,
            WebhookDelivery.attempts == attempt,
        )
        .values(**values)
    )
    await scope.session.execute(statement)


async def switch_off(scope: Scope, webhook_id: str) -> None:
    """Switch a webhook off whose receiver says that it is gone."""
    statement = (
        update(Webhook)
        .where(Webhook.workspace_id == scope.workspace_id, Webhook.id == webhook_id)
        .values(enabled=False)
    )
    await scope.session.execute(statement)


async def count(scope: Scope, app_id: str) -> int:
    """Return how many webhooks an app has."""
    query = select(func.count()).where(Webhook.workspace_id == scope.workspace_id, Webhook.app_id == app_id)
    return await scope.session.scalar(query) or 0


async def due(scope: SystemScope, limit: int) -> list[tuple[str, str]]:
    """Return workspace and id of deliveries that are due, of any workspace, longest due first."""
    statement = (
        select(WebhookDelivery.workspace_id, WebhookDelivery.id)
        .where(WebhookDelivery.status == "pending", WebhookDelivery.due_at <= func.now())
        .order_by(WebhookDelivery.due_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in (await scope.session.execute(statement)).all()]


async def remove_old(scope: SystemScope, kept: timedelta, limit: int) -> int:
    """Delete deliveries of any workspace that ended longer ago than `kept`, oldest first.

    Returns:
        How many.
    """
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.finished_at < func.now() - kept)
        .order_by(WebhookDelivery.finished_at)
        .limit(limit)
    )
    removed = await scope.session.scalars(
        delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)).returning(WebhookDelivery.id)
    )
    return len(removed.all())
