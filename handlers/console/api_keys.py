"""Credentials for programs. A secret is shown once, when its key is made; only its hash is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from foundation.errors import ApiError
from foundation.secrets import hash_token, new_token
from handlers import dataset_facts
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_key
from handlers.datasets import open_dataset
from handlers.rendering.api_keys import render_api_key
from models import api_key as keys
from models import app as apps
from models import dataset as datasets
from models.api_key import Kind
from models.scope import Scope

MOST_KEYS = 10
SHOWN_AT_THE_END = 4
PREFIXES: dict[Kind, str] = {"app": "app-", "dataset": "dataset-", "workspace": "ws-"}


async def list_app_api_keys(call: Call, *, app_id: str) -> schemas.ApiKeyList:
    """List an app's keys, newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.get(scope, app_id)
        found = await keys.list_all(scope, "app", app_id)
    return {"data": [render_api_key(key) for key in found]}


async def create_app_api_key(
    call: Call, *, app_id: str, body: schemas.ApiKeyRestrictions | None = None
) -> schemas.ApiKey:
    """Make a key for an app."""
    return await _create(call, "app", body or {}, app_id)


async def delete_app_api_key(call: Call, *, app_id: str, api_key_id: str) -> None:
    """Revoke an app's key."""
    await _remove(call, api_key_id, "app", app_id)


async def list_dataset_api_keys(call: Call) -> schemas.ApiKeyList:
    """List the workspace's knowledge keys, newest first."""
    return await _list(call, "dataset")


async def create_dataset_api_key(call: Call, *, body: schemas.ApiKeyRestrictions | None = None) -> schemas.ApiKey:
    """Make a knowledge key."""
    return await _create(call, "dataset", body or {})


async def delete_dataset_api_key(call: Call, *, api_key_id: str) -> None:
    """Revoke a knowledge key."""
    await _remove(call, api_key_id, "dataset")


async def list_keys_of_dataset(call: Call, *, dataset_id: str) -> schemas.ApiKeyList:
    """List the keys that reach one dataset and no other, newest first."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await open_dataset(call, scope, dataset_id)
        found = await keys.list_all(scope, "dataset", dataset_id=dataset_id)
    return {"data": [render_api_key(key) for key in found]}


async def create_key_of_dataset(
    call: Call, *, dataset_id: str, body: schemas.DatasetApiKeyRestrictions | None = None
) -> schemas.ApiKey:
    """Make a key that reaches one dataset and no other."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await open_dataset(call, scope, dataset_id)
    return await _create(call, "dataset", {**(body or {}), "dataset_ids": [dataset_id]})


async def delete_key_of_dataset(call: Call, *, dataset_id: str, key_or_action: str) -> None:
    """Revoke a key that reaches one dataset and no other."""
    await _remove(call, key_or_action, "dataset", dataset_id=dataset_id)


async def set_dataset_api_access(
    call: Call, *, dataset_id: str, key_or_action: schemas.ApiAccessAction
) -> schemas.Result:
    """Open a dataset to keys, or close it."""
    return await dataset_facts.set_api_access(call, dataset_id, key_or_action == "enable")


async def list_workspace_api_keys(call: Call) -> schemas.ApiKeyList:
    """List the keys that serve the whole workspace, newest first."""
    return await _list(call, "workspace")


async def create_api_key(call: Call, *, body: schemas.ApiKeyRequest) -> schemas.ApiKey:
    """Make a key for the app that is named, or for the workspace."""
    app_id = body.get("app_id")
    return await _create(call, "app" if app_id else "workspace", body, app_id)


async def delete_api_key(call: Call, *, api_key_id: str) -> None:
    """Revoke a key of any kind."""
    await _remove(call, api_key_id)


async def _list(call: Call, kind: Kind) -> schemas.ApiKeyList:
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await keys.list_all(scope, kind)
    return {"data": [render_api_key(key) for key in found]}


async def _create(
    call: Call,
    kind: Kind,
    wanted: schemas.ApiKeyRequest | schemas.ApiKeyRestrictionsValue,
    app_id: str | None = None,
) -> schemas.ApiKey:
    secret = new_token(PREFIXES[kind])
    dataset_ids = [dataset_id.lower() for dataset_id in named] if (named := wanted.get("dataset_ids")) else None
    only = dataset_ids[0] if dataset_ids and len(dataset_ids) == 1 else None
    async with call.services.database.workspace(call.workspace_id) as scope:
        if app_id is not None:
            await apps.get(scope, app_id)
        await _check_datasets(scope, dataset_ids)
        if await keys.count(scope, kind, app_id, only if kind == "dataset" else None) >= MOST_KEYS:
            message = f"There are {MOST_KEYS} keys of this kind, the most there may be. Revoke one first."
            raise ApiError("max_keys_exceeded", message)
        made = await keys.create(
            scope,
            kind=kind,
            token_hash=hash_token(secret),
            token_hint=f"{PREFIXES[kind]}...{secret[-SHOWN_AT_THE_END:]}",
            created_by=call.account.account_id,
            app_id=app_id,
            name=wanted.get("name") or "",
            permissions=wanted.get("permissions"),
            access=wanted.get("access"),
            dataset_ids=dataset_ids,
            expires_at=_moment(wanted.get("expires_at")),
            max_active_requests=wanted.get("max_active_requests"),
        )
    return render_api_key(made, secret)


async def _check_datasets(scope: Scope, dataset_ids: list[str] | None) -> None:
    wanted = dataset_ids or []
    known = {found.id for found in await datasets.get_many(scope, wanted)}
    for dataset_id in wanted:
        if dataset_id not in known:
            raise ApiError("not_found", f"Dataset {dataset_id} not found.")


async def _remove(
    call: Call, key_id: str, kind: Kind | None = None, app_id: str | None = None, dataset_id: str | None = None
) -> None:
    async with call.services.database.workspace(call.workspace_id) as scope:
        if dataset_id is not None:
            await open_dataset(call, scope, dataset_id)
        token_hash = await keys.remove(scope, key_id, kind, app_id, dataset_id)
    forget_key(call.services.database, token_hash)


def _moment(seconds: int | None) -> datetime | None:
    """Return when a key stops serving; a time that has passed makes a key that never serves."""
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
