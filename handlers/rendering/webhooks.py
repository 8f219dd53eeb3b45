"""Webhooks and their delivery log as the Console shows them."""

from __future__ import annotations

from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.webhook import Webhook, WebhookDelivery
from workers.deliveries import message_id_of


def render_webhook(webhook: Webhook, secret: str | None = None) -> schemas.Webhook:
    """Render a `Webhook`; `secret` is given only where it was made this moment."""
    return {
        "id": webhook.id,
        "app_id": webhook.app_id,
        "url": webhook.url,
        "description": webhook.description,
        "enabled": webhook.enabled,
        "secret": secret,
        "created_at": unix(webhook.created_at),
        "updated_at": unix(webhook.updated_at),
    }


def render_delivery(delivery: WebhookDelivery) -> schemas.WebhookDelivery:
    """Render a `WebhookDelivery`."""
    return {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "message_id": message_id_of(delivery),
        "event": trusted(delivery.event),
        "task_id": delivery.task_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_attempt_at": unix(delivery.due_at) if delivery.status == "pending" else None,
        "response_status": delivery.response_status,
        "response_body": delivery.response_body,
        "error": delivery.error,
        "payload": delivery.payload,
        "created_at": unix(delivery.created_at),
        "finished_at": unix(delivery.finished_at),
    }
