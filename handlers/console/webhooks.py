"""Webhooks of an app: where it tells the end of its runs, and what came of telling it."""

from __future__ import annotations

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.webhooks import render_delivery, render_webhook
from models import app as apps
from models import webhook as webhooks
from workers.announcing import TEST, test_payload
from workers.webhook_signing import SigningSecrets

MOST_WEBHOOKS = 10


async def list_webhooks(call: Call, *, app_id: str) -> schemas.WebhookList:
    """List an app's webhooks, newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.get(scope, app_id)
        found = await webhooks.list_all(scope, app_id)
    return {"data": [render_webhook(webhook) for webhook in found]}


async def create_webhook(call: Call, *, app_id: str, body: schemas.WebhookRequest) -> schemas.Webhook:
    """Make a webhook; this answer alone shows its secret."""
    await call.services.egress.check(body["url"])
    secrets = SigningSecrets.new()
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.get(scope, app_id)
        if await webhooks.count(scope, app_id) >= MOST_WEBHOOKS:
            message = f"The app has {MOST_WEBHOOKS} webhooks, the most there may be. Delete one first."
            raise ApiError("webhook_limit_exceeded", message)
        made = await webhooks.create(
            scope,
            app_id=app_id,
            url=body["url"],
            description=body.get("description", ""),
            enabled=body.get("enabled", True),
            sealed=secrets.seal(call.services.sealer),
            created_by=call.account.account_id,
        )
    return render_webhook(made, secrets.current)


async def get_webhook(call: Call, *, app_id: str, webhook_id: str) -> schemas.Webhook:
    """Show a webhook without its secret."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        return render_webhook(await webhooks.get(scope, app_id, webhook_id))


async def update_webhook(call: Call, *, app_id: str, webhook_id: str, body: schemas.WebhookChange) -> schemas.Webhook:
    """Change what is given of a webhook."""
    changes = {name: value for name, value in body.items() if name in ("url", "description", "enabled")}
    if "url" in body:
        await call.services.egress.check(body["url"])
    async with call.services.database.workspace(call.workspace_id) as scope:
        return render_webhook(await webhooks.change(scope, app_id, webhook_id, changes))


async def delete_webhook(call: Call, *, app_id: str, webhook_id: str) -> None:
    """Delete a webhook with its log."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await webhooks.remove(scope, app_id, webhook_id)


async def rotate_webhook_secret(call: Call, *, app_id: str, webhook_id: str) -> schemas.Webhook:
    """Give a webhook a new secret; the old one signs beside it for a day."""
    sealer = call.services.sealer
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await webhooks.get(scope, app_id, webhook_id)
        secrets = SigningSecrets.open(sealer, found.sealed).rotated()
        changed = await webhooks.change(scope, app_id, webhook_id, {"sealed": secrets.seal(sealer)})
    return render_webhook(changed, secrets.current)


async def test_webhook(call: Call, *, app_id: str, webhook_id: str) -> schemas.WebhookDelivery:
    """Send a made-up run to a webhook."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await apps.get(scope, app_id)
        await webhooks.get(scope, app_id, webhook_id)
        [delivery_id] = await webhooks.add_deliveries(
            scope, [webhook_id], event=TEST, payload=test_payload(app.mode), trace_id=call.trace_id
        )
        made = await webhooks.get_delivery(scope, webhook_id, delivery_id)
    await call.services.queues.enqueue_delivery(call.workspace_id, delivery_id)
    return render_delivery(made)


async def list_webhook_deliveries(
    call: Call, *, app_id: str, webhook_id: str, page: int = 1, limit: int = 20, status: str | None = None
) -> schemas.WebhookDeliveryList:
    """List what was told to a webhook, newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await webhooks.get(scope, app_id, webhook_id)
        found = await webhooks.page_of_deliveries(scope, webhook_id, page=page, limit=limit, status=status)
    return {
        "data": [render_delivery(delivery) for delivery in found.items],
        "has_more": found.has_more,
        "limit": found.limit,
        "total": found.total,
        "page": found.page,
    }


async def get_webhook_delivery(
    call: Call, *, app_id: str, webhook_id: str, delivery_id: str
) -> schemas.WebhookDelivery:
    """Show one message to a webhook."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await webhooks.get(scope, app_id, webhook_id)
        return render_delivery(await webhooks.get_delivery(scope, webhook_id, delivery_id))


async def redeliver_webhook_delivery(
    call: Call, *, app_id: str, webhook_id: str, delivery_id: str
) -> schemas.WebhookDelivery:
    """Send a message to a webhook again."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await webhooks.get(scope, app_id, webhook_id)
        found = await webhooks.deliver_again(scope, webhook_id, delivery_id)
    await call.services.queues.enqueue_delivery(call.workspace_id, delivery_id)
    return render_delivery(found)
