"""End users of the Web tier: a passport of a published app, a signed-in user's token, or an app's key."""

from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.secrets import TokenError, issue_jwt, read_jwt
from handlers.call import RequestHead, Services
from handlers.callers import Caller, EndUserCaller
from handlers.credentials.recent import recent_answers
from handlers.credentials.service import authenticate_app_key, key_in_query
from handlers.credentials.sessions import identify_session, read_session
from handlers.credentials.standing import plan_allowances, require_workspace
from models import account, app, end_user
from models.account import Account
from models.app import Published

_PASSPORT = "passport"
_KEY_PREFIXES = ("app-", "ws-", "dataset-")


async def authenticate_end_user(head: RequestHead, services: Services) -> Caller | None:
    """Accept a passport, a user's access token that comes with its app's code, or an app's key.

    Raises:
        ApiError: `unauthorized`, `invalid_param` where no app is named, `web_app_access_denied`, `forbidden`,
            `workspace_suspended`.
    """
    token = head.bearer()
    if token is None:
        return None
    if token.startswith(_KEY_PREFIXES):
        return await authenticate_app_key(head, services)
    try:
        claims = read_jwt(services.settings.secret_key, _PASSPORT, token)
    except TokenError:
        return await _signed_in(head, services, token)
    published = await _published_by_code(services, str(claims["app_code"]))
    if published is None or published.app.id != claims["app_id"]:
        raise ApiError("unauthorized", "The app is not published under this code any more.")
    _require_site(published)
    return _caller(services, published, str(claims["end_user_id"]))


async def missing_end_user(head: RequestHead, services: Services) -> ApiError:
    """Return the refusal of a request that carries no token."""
    message = "Send `Authorization: Bearer <token>`, with a token of GET /api/passport or POST /api/login."
    return key_in_query(head) or ApiError("unauthorized", message)


async def issue_passport(services: Services, code: str, user_id: str | None = None) -> str:
    """Let a visitor use a published app.

    Args:
        services: the database and the settings.
        code: the app's code.
        user_id: the visitor's name for itself; without it the visitor is new and unknown.

    Returns:
        The passport: a token of the web tier.

    Raises:
        ApiError: `not_found` for an unknown code, `unauthorized` for a site that is switched off.
    """
    published = await _published_by_code(services, code)
    if published is None:
        raise ApiError("not_found", "No app is published under this code.")
    _require_site(published)
    found = published.app
    async with services.database.workspace(found.workspace_id) as scope:
        visitor = await end_user.get_or_create(scope, found.id, "browser", user_id or new_id())
    claims = {
        "iss": found.id,
        "sub": "Web API Passport",
        "app_id": found.id,
        "app_code": code,
        "end_user_id": visitor.id,
    }
    settings = services.settings
    return issue_jwt(settings.secret_key, _PASSPORT, claims, settings.access_token_seconds)


async def _signed_in(head: RequestHead, services: Services, token: str) -> EndUserCaller:
    read = read_session(services.settings, "web", token)
    identity = await identify_session(services, read[0]) if read else None
    if read is None or identity is None or identity.account.status != "active":
        raise ApiError("unauthorized", "Access token is invalid")
    published = await _named_app(head, services, read[1])
    if published is None:
        raise ApiError("unauthorized", "No app is published under this code or id.")
    _require_site(published)
    visitor_id = await _visitor(services, identity.account, published)
    return _caller(services, published, visitor_id, account_id=identity.account.id)


async def _named_app(head: RequestHead, services: Services, signed_in_for: str | None) -> Published | None:
    code = head.header("x-app-code")
    if code:
        return await _published_by_code(services, code)
    app_id = head.query("app_id") or signed_in_for
    if not app_id:
        message = "Name the app: the header X-App-Code with its code, or app_id in the query."
        raise ApiError("invalid_param", message)

    async def ask() -> Published | None:
        async with services.database.system() as scope:
            return await app.find_anywhere(scope, app_id)

    return await recent_answers(services.database).get(("published", app_id), ask)


async def _visitor(services: Services, person: Account, published: Published) -> str:
    """Return the end user that an account is in an app of one of its workspaces."""
    found = published.app

    async def ask() -> str | None:
        async with services.database.workspace(found.workspace_id) as scope:
            if await account.find_member(scope, person.id) is None:
                return None
            visitor = await end_user.get_or_create(scope, found.id, "account", person.id, account_id=person.id)
            return visitor.id

    visitor_id = await recent_answers(services.database).get(("visitor", person.id, found.id), ask)
    if visitor_id is None:
        raise ApiError("web_app_access_denied", "You do not have permission to use this app.")
    return visitor_id


async def _published_by_code(services: Services, code: str) -> Published | None:
    async def ask() -> Published | None:
        async with services.database.system() as scope:
            return await app.find_by_site_code(scope, code)

    return await recent_answers(services.database).get(("site", code), ask)


def _require_site(published: Published) -> None:
    require_workspace(published.workspace)
    if published.app.status != "normal" or not published.app.enable_site:
        raise ApiError("unauthorized", "The site of this app is disabled.")


def _caller(services: Services, published: Published, end_user_id: str, account_id: str | None = None) -> EndUserCaller:
    return EndUserCaller(
        workspace_id=published.app.workspace_id,
        app_id=published.app.id,
        end_user_id=end_user_id,
        site_code=published.site.code,
        account_id=account_id,
        allowances=plan_allowances(services.settings, published.workspace, f"end_user:{end_user_id}"),
    )
