"""Sessions of the Console: bearer tokens, cookies, rotation and their end."""

import pytest

from foundation.errors import ApiError
from handlers.call import Services
from handlers.callers import AccountCaller
from handlers.credentials import AUTHENTICATORS, REFUSALS
from handlers.credentials.cookies import ended_cookies, session_cookies
from handlers.credentials.recent import forget_all
from handlers.credentials.sessions import IssuedSession, end_session, issue_session, refresh_session
from models import account
from models.account import Account, AccountStatus
from models.app import App
from models.sign_in import Tier
from tests.handlers.credentials.conftest import head

by_token = AUTHENTICATORS["console"]["ConsoleToken"]
by_cookie = AUTHENTICATORS["console"]["ConsoleSession"]


async def _sign_in(services: Services, owner: Account, tier: Tier = "console") -> IssuedSession:
    async with services.database.system() as scope:
        return await issue_session(services, scope, owner.id, tier)


async def test_an_access_token_stands_for_its_account(services: Services, chat: App, owner: Account) -> None:
    issued = await _sign_in(services, owner)
    caller = await by_token(head("console", authorization=f"Bearer {issued.access_token}"), services)
    assert caller == AccountCaller(chat.workspace_id, owner.id, "owner", session_id=issued.sign_in_id)


@pytest.mark.parametrize("name", ["session", "access_token"])
async def test_a_cookie_needs_its_csrf_token_on_unsafe_methods(
    services: Services, chat: App, owner: Account, name: str
) -> None:
    issued = await _sign_in(services, owner)
    other = await _sign_in(services, owner)
    cookie = f"{name}={issued.access_token}"
    assert await by_cookie(head("console", cookie=cookie), services) is not None
    sent = head("console", method="POST", cookie=cookie, x_csrf_token=issued.csrf_token)
    assert await by_cookie(sent, services) is not None
    for headers in ({}, {"x_csrf_token": other.csrf_token}):
        with pytest.raises(ApiError) as refused:
            await by_cookie(head("console", method="POST", cookie=cookie, **headers), services)
        assert refused.value.code == "csrf_token_invalid"


async def test_a_token_is_good_for_its_tier_only(services: Services, chat: App, owner: Account) -> None:
    issued = await _sign_in(services, owner, "web")
    for token in (issued.access_token, "nonsense", "a.b.c", "app-key"):
        with pytest.raises(ApiError) as refused:
            await by_token(head("console", authorization=f"Bearer {token}"), services)
        assert refused.value.code == "unauthorized"


async def test_before_the_set_up_everybody_is_told_so(services: Services) -> None:
    assert (await REFUSALS["console"](head("console"), services)).code == "not_setup"
    with pytest.raises(ApiError) as refused:
        await by_token(head("console", authorization="Bearer x"), services)
    assert refused.value.code == "not_setup"


async def test_after_the_set_up_a_sign_in_is_asked_for(services: Services, chat: App) -> None:
    assert (await REFUSALS["console"](head("console"), services)).code == "unauthorized"


async def test_a_session_that_was_ended_is_refused_at_once(services: Services, chat: App, owner: Account) -> None:
    issued = await _sign_in(services, owner)
    request = head("console", authorization=f"Bearer {issued.access_token}")
    assert await by_token(request, services) is not None
    await end_session(services, issued.sign_in_id)
    with pytest.raises(ApiError, match="Sign in again"):
        await by_token(request, services)
    with pytest.raises(ApiError, match="Invalid refresh token"):
        await refresh_session(services, "console", issued.refresh_token)


async def test_the_reuse_of_a_refresh_token_ends_the_session(services: Services, chat: App, owner: Account) -> None:
    issued = await _sign_in(services, owner)
    renewed = await refresh_session(services, "console", issued.refresh_token)
    request = head("console", authorization=f"Bearer {renewed.access_token}")
    assert await by_token(request, services) is not None
    with pytest.raises(ApiError, match="Invalid refresh token"):
        await refresh_session(services, "console", issued.refresh_token)
    with pytest.raises(ApiError, match="Sign in again"):
        await by_token(request, services)
    with pytest.raises(ApiError, match="Invalid refresh token"):
        await refresh_session(services, "console", renewed.refresh_token)


@pytest.mark.parametrize(("status", "code"), [("banned", "unauthorized"), ("uninitialized", "account_not_initialized")])
async def test_an_account_out_of_use_is_refused(
    services: Services, chat: App, owner: Account, status: AccountStatus, code: str
) -> None:
    issued = await _sign_in(services, owner)
    async with services.database.system() as scope:
        (await account.get(scope, owner.id)).status = status
    with pytest.raises(ApiError) as refused:
        await by_token(head("console", authorization=f"Bearer {issued.access_token}"), services)
    assert refused.value.code == code


async def test_an_account_that_lost_its_workspace_gets_another(services: Services, chat: App, owner: Account) -> None:
    issued = await _sign_in(services, owner)
    request = head("console", authorization=f"Bearer {issued.access_token}")
    async with services.database.system() as scope:
        (await account.get(scope, owner.id)).current_workspace_id = None
    caller = await by_token(request, services)
    assert isinstance(caller, AccountCaller)
    assert caller.workspace_id == chat.workspace_id
    async with services.database.workspace(chat.workspace_id) as scope:
        (await account.get_workspace(scope)).status = "suspended"
    forget_all(services.database)
    with pytest.raises(ApiError) as refused:
        await by_token(request, services)
    assert refused.value.code == "workspace_suspended"


def test_only_the_csrf_cookie_can_be_read_by_scripts() -> None:
    issued = IssuedSession("id", "access", "refresh", "csrf", 60)
    cookies = [value for _, value in session_cookies(issued, "console", 600, secure=True)]
    assert [value.split("=")[0] for value in cookies if "HttpOnly" not in value] == ["csrf_token"]
    assert all("SameSite=Lax" in value and value.endswith("Secure") for value in cookies)
    assert all("Max-Age=0" in value for _, value in ended_cookies("console", secure=False))
