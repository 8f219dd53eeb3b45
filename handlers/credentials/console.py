"""Accounts of the Console tier: an access token as a bearer token, or in the session cookie."""

from foundation.errors import ApiError
from handlers.call import RequestHead, Services
from handlers.callers import AccountCaller, Caller
from handlers.credentials.cookies import SESSION_COOKIES
from handlers.credentials.initial_password import is_owed
from handlers.credentials.recent import recent_answers
from handlers.credentials.sessions import csrf_matches, identify_session, read_session
from handlers.credentials.standing import plan_allowances, require_workspace
from models import installation
from models.account import Account

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def authenticate_console_token(head: RequestHead, services: Services) -> Caller | None:
    """Accept an access token in the Authorization header.

    Raises:
        ApiError: `unauthorized`, `not_setup`, `not_init_validated`, `account_not_initialized`, `forbidden`,
            `workspace_suspended`.
    """
    token = head.bearer()
    return None if token is None else await _caller(head, services, token)


async def authenticate_console_session(head: RequestHead, services: Services) -> Caller | None:
    """Accept an access token in the session cookie; an unsafe method needs its CSRF token too.

    Raises:
        ApiError: as for a bearer token, and `csrf_token_invalid`.
    """
    token = next(filter(None, map(head.cookie, SESSION_COOKIES)), None)
    if token is None:
        return None
    caller = await _caller(head, services, token)
    if head.method not in _SAFE_METHODS and not csrf_matches(
        services.settings, caller.session_id or "", head.header("x-csrf-token")
    ):
        message = "The X-CSRF-Token header is missing or does not belong to the session."
        raise ApiError("csrf_token_invalid", message)
    return caller


async def missing_session(head: RequestHead, services: Services) -> ApiError:
    """Return the refusal of a request that carries no access token."""
    message = "Sign in first: send `Authorization: Bearer <access token>` or the session cookie."
    return await _refusal(head, services, message)


async def _caller(head: RequestHead, services: Services, token: str) -> AccountCaller:
    read = read_session(services.settings, "console", token)
    identity = await identify_session(services, read[0]) if read else None
    if read is None or identity is None:
        raise await _refusal(head, services, "The access token is invalid or has expired. Sign in again.")
    _require_account(identity.account)
    if identity.workspace is None or identity.role is None:
        raise ApiError("forbidden", "You are not a member of any workspace.")
    require_workspace(identity.workspace)
    account_id = identity.account.id
    return AccountCaller(
        workspace_id=identity.workspace.id,
        account_id=account_id,
        role=identity.role,
        session_id=read[0],
        allowances=plan_allowances(services.settings, identity.workspace, f"account:{account_id}"),
    )


def _require_account(account: Account) -> None:
    if account.status in ("banned", "closed"):
        raise ApiError("unauthorized", f"The account is {account.status}.")
    if account.status != "active":
        raise ApiError("account_not_initialized", "The account has not been initialised.")


async def _refusal(head: RequestHead, services: Services, message: str) -> ApiError:
    """Return `not_init_validated` or `not_setup` before the installation has an owner, else `unauthorized`."""

    async def ask() -> bool:
        async with services.database.system() as scope:
            return await installation.is_set_up(scope)

    answers = recent_answers(services.database)
    if await answers.get("setup", ask):
        return ApiError("unauthorized", message)
    answers.forget("setup")
    if is_owed(head, services.settings):
        return ApiError("not_init_validated", "Give the initial password with POST /console/api/init.")
    return ApiError("not_setup", "Create the first account with POST /console/api/setup.")
