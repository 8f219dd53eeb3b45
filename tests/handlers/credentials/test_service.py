"""API keys: which are accepted where, and what the others are told."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.errors import ApiError
from foundation.secrets import hash_token
from handlers.call import Services
from handlers.callers import Allowance, AppKeyCaller, KnowledgeKeyCaller, WorkspaceKeyCaller
from handlers.credentials import AUTHENTICATORS, REFUSALS
from handlers.credentials.recent import forget_all, forget_key
from models import account, api_key, app
from models.app import App
from models.table import now
from tests.conftest import new_owner
from tests.handlers.credentials.conftest import head

app_key = AUTHENTICATORS["service"]["AppKey"]
knowledge_key = AUTHENTICATORS["service"]["KnowledgeKey"]


async def _key(services: Services, workspace_id: str, token: str, **fields: Any) -> str:
    async with services.database.workspace(workspace_id) as scope:
        made = await api_key.create(
            scope, token_hash=hash_token(token), token_hint=token[:6], created_by=None, **fields
        )
        return made.id


def _bearer(token: str, **headers: str) -> Any:
    return head("service", authorization=f"Bearer {token}", **headers)


async def test_an_app_key_stands_for_its_app(services: Services, chat: App) -> None:
    key_id = await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    caller = await app_key(_bearer("app-1"), services)
    assert caller == AppKeyCaller(chat.workspace_id, chat.id, key_id, mode="chat")
    async with services.database.workspace(chat.workspace_id) as scope:
        [kept] = await api_key.list_all(scope)
    assert kept.last_used_at is not None


@pytest.mark.parametrize("sent", [{}, {"authorization": "Basic eA=="}, {"authorization": "Bearer "}])
async def test_a_missing_key_is_asked_for(services: Services, sent: dict[str, str]) -> None:
    request = head("service", **sent)
    assert await app_key(request, services) is None
    refusal = await REFUSALS["service"](request, services)
    assert refusal.code == "unauthorized"
    assert refusal.message == "Authorization header must be provided and start with 'Bearer'"


async def test_a_key_in_the_query_is_pointed_to_the_header(services: Services) -> None:
    refusal = await REFUSALS["service"](head("service", query="api_key=app-1"), services)
    assert "Authorization" in refusal.message


async def test_a_key_of_another_kind_is_invalid(services: Services, chat: App) -> None:
    await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    await _key(services, chat.workspace_id, "dataset-1", kind="dataset", dataset_ids=["a"])
    for check, token in ((knowledge_key, "app-1"), (app_key, "dataset-1"), (app_key, "app-unknown")):
        with pytest.raises(ApiError, match="Access token is invalid") as refused:
            await check(_bearer(token), services)
        assert refused.value.code == "unauthorized"
    caller = await knowledge_key(_bearer("dataset-1"), services)
    assert isinstance(caller, KnowledgeKeyCaller)
    assert caller.dataset_ids == frozenset({"a"})


async def test_a_workspace_key_names_its_app(services: Services, chat: App) -> None:
    await _key(services, chat.workspace_id, "ws-1", kind="workspace", permissions=["chat"], access="read")
    named = await app_key(_bearer("ws-1", x_app_id=chat.id), services)
    assert isinstance(named, AppKeyCaller)
    assert (named.app_id, named.permissions, named.access) == (chat.id, frozenset({"chat"}), "read")
    assert isinstance(await app_key(_bearer("ws-1"), services), WorkspaceKeyCaller)
    assert isinstance(await knowledge_key(_bearer("ws-1"), services), WorkspaceKeyCaller)


async def test_a_workspace_key_cannot_name_anothers_app(services: Services, chat: App) -> None:
    stranger = await new_owner(services.database, "eve@example.com")
    await _key(services, stranger.current_workspace_id or "", "ws-1", kind="workspace")
    for app_id in (chat.id, "no id"):
        with pytest.raises(ApiError, match="The app no longer exists") as refused:
            await app_key(_bearer("ws-1", x_app_id=app_id), services)
        assert refused.value.code == "forbidden"


async def test_an_expired_key_is_refused(services: Services, chat: App) -> None:
    past = now() - timedelta(seconds=1)
    await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id, expires_at=past)
    with pytest.raises(ApiError, match="expired") as refused:
        await app_key(_bearer("app-1"), services)
    assert refused.value.code == "unauthorized"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"enable_api": False}, "The app's API service has been disabled."),
        ({"status": "archived"}, "The app's status is abnormal."),
        (None, "The app no longer exists."),
    ],
)
async def test_an_app_out_of_use_is_forbidden(
    services: Services, chat: App, changes: dict[str, Any] | None, message: str
) -> None:
    await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    async with services.database.workspace(chat.workspace_id) as scope:
        if changes is None:
            await app.mark_deleted(scope, chat.id)
        else:
            await app.change(scope, chat.id, changes, None)
    with pytest.raises(ApiError, match=message) as refused:
        await app_key(_bearer("app-1"), services)
    assert refused.value.code == "forbidden"


async def test_a_suspended_workspace_is_forbidden(services: Services, chat: App) -> None:
    await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    async with services.database.workspace(chat.workspace_id) as scope:
        (await account.get_workspace(scope)).status = "suspended"
    with pytest.raises(ApiError) as refused:
        await app_key(_bearer("app-1"), services)
    assert refused.value.code == "workspace_suspended"


async def test_a_deleted_key_is_refused_at_once(services: Services, chat: App) -> None:
    key_id = await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    assert await app_key(_bearer("app-1"), services) is not None
    async with services.database.workspace(chat.workspace_id) as scope:
        forgotten = await api_key.remove(scope, key_id, "app", chat.id)
    assert await app_key(_bearer("app-1"), services) is not None
    forget_key(services.database, forgotten)
    with pytest.raises(ApiError, match="Access token is invalid"):
        await app_key(_bearer("app-1"), services)


async def test_the_plan_and_the_app_limit_a_key(services: Services, chat: App) -> None:
    key_id = await _key(services, chat.workspace_id, "app-1", kind="app", app_id=chat.id)
    async with services.database.workspace(chat.workspace_id) as scope:
        (await account.get_workspace(scope)).plan = "sandbox"
        await app.change(scope, chat.id, {"api_rpm": 7}, None)
    forget_all(services.database)
    caller = await app_key(_bearer("app-1"), services)
    assert caller is not None
    assert Allowance(f"key:{key_id}", 60, 60) in caller.allowances
    assert Allowance(f"app:{chat.id}", 7, 60) in caller.allowances
