"""The Web tier: passports, signed-in users, app keys."""

import pytest

from foundation.errors import ApiError
from foundation.secrets import hash_token
from handlers.call import Services
from handlers.callers import AppKeyCaller, EndUserCaller
from handlers.credentials import AUTHENTICATORS, REFUSALS
from handlers.credentials.recent import forget_all
from handlers.credentials.sessions import issue_session
from handlers.credentials.web import issue_passport
from models import api_key, app
from models.account import Account
from models.app import App
from tests.conftest import new_owner
from tests.handlers.credentials.conftest import head

authenticate = AUTHENTICATORS["web"]["EndUserToken"]


async def _caller(services: Services, token: str, **headers: str) -> EndUserCaller:
    caller = await authenticate(head("web", authorization=f"Bearer {token}", **headers), services)
    assert isinstance(caller, EndUserCaller)
    return caller


async def test_a_passport_stands_for_one_visitor_of_one_app(services: Services, chat: App) -> None:
    known = await _caller(services, await issue_passport(services, "code", "ann"))
    again = await _caller(services, await issue_passport(services, "code", "ann"))
    unknown = await _caller(services, await issue_passport(services, "code"))
    assert known == again
    assert (known.app_id, known.site_code) == (chat.id, "code")
    assert unknown.end_user_id != known.end_user_id


async def test_a_passport_is_issued_for_published_apps_only(services: Services, chat: App) -> None:
    with pytest.raises(ApiError) as unknown:
        await issue_passport(services, "other")
    assert unknown.value.code == "not_found"


@pytest.mark.parametrize("changes", [{"enable_site": False}, {"status": "archived"}])
async def test_a_passport_ends_with_its_site(services: Services, chat: App, changes: dict[str, object]) -> None:
    passport = await issue_passport(services, "code")
    async with services.database.workspace(chat.workspace_id) as scope:
        await app.change(scope, chat.id, changes, None)
    forget_all(services.database)
    with pytest.raises(ApiError) as refused:
        await _caller(services, passport)
    assert refused.value.code == "unauthorized"


async def test_a_passport_ends_with_its_code(services: Services, chat: App) -> None:
    passport = await issue_passport(services, "code")
    async with services.database.workspace(chat.workspace_id) as scope:
        await app.change_site(scope, chat.id, {"code": "new"}, None)
    forget_all(services.database)
    with pytest.raises(ApiError, match="not published"):
        await _caller(services, passport)


async def test_a_member_who_signed_in_is_an_end_user_of_the_app_that_is_named(
    services: Services, chat: App, owner: Account
) -> None:
    async with services.database.system() as scope:
        issued = await issue_session(services, scope, owner.id, "web")
        bound = await issue_session(services, scope, owner.id, "web", app_id=chat.id)
    by_code = await _caller(services, issued.access_token, x_app_code="code")
    assert by_code.account_id == owner.id
    assert await _caller(services, bound.access_token) == by_code
    with pytest.raises(ApiError, match="X-App-Code"):
        await _caller(services, issued.access_token)


async def test_a_signed_in_stranger_is_refused(services: Services, chat: App) -> None:
    stranger = await new_owner(services.database, "eve@example.com")
    async with services.database.system() as scope:
        issued = await issue_session(services, scope, stranger.id, "web")
    with pytest.raises(ApiError) as refused:
        await _caller(services, issued.access_token, x_app_code="code")
    assert refused.value.code == "web_app_access_denied"


async def test_a_console_session_is_refused(services: Services, chat: App, owner: Account) -> None:
    async with services.database.system() as scope:
        issued = await issue_session(services, scope, owner.id, "console")
    with pytest.raises(ApiError) as refused:
        await _caller(services, issued.access_token, x_app_code="code")
    assert refused.value.code == "unauthorized"


async def test_an_app_key_brings_the_service_tiers_caller(services: Services, chat: App) -> None:
    async with services.database.workspace(chat.workspace_id) as scope:
        await api_key.create(
            scope,
            kind="app",
            app_id=chat.id,
            token_hash=hash_token("app-1"),
            token_hint="app-",
            created_by=None,
        )
    caller = await authenticate(head("web", authorization="Bearer app-1"), services)
    assert isinstance(caller, AppKeyCaller)
    assert (await REFUSALS["web"](head("web"), services)).code == "unauthorized"
