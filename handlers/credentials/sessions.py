"""Sessions of signed-in accounts: an access token that is checked, a refresh token that is exchanged."""

from dataclasses import dataclass
from datetime import timedelta

from foundation.errors import ApiError
from foundation.secrets import TokenError, hash_token, issue_jwt, new_token, read_jwt, sign, signature_matches
from foundation.settings import Settings
from handlers.call import Services
from handlers.credentials.recent import forget_session, recent_answers
from models import account, sign_in
from models.scope import SystemScope
from models.sign_in import Identity, Tier
from models.table import now


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """What a sign-in hands to its client."""

    sign_in_id: str
    access_token: str
    refresh_token: str
    csrf_token: str
    expires_in: int


async def issue_session(
    services: Services, scope: SystemScope, account_id: str, tier: Tier, app_id: str | None = None
) -> IssuedSession:
    """Begin a session for an account whose password was right.

    Args:
        services: for the settings.
        scope: the transaction that the session is stored in.
        account_id: who signed in.
        tier: where the session counts.
        app_id: the app that a session of the web tier was begun for.
    """
    refresh_token = new_token("rt-")
    begun = await sign_in.begin(
        scope,
        account_id,
        tier,
        hash_token(refresh_token),
        now() + timedelta(seconds=services.settings.refresh_token_seconds),
        app_id,
    )
    return _issued(services.settings, begun, refresh_token)


async def refresh_session(services: Services, tier: Tier, refresh_token: str) -> IssuedSession:
    """Exchange a refresh token for the next ones. One that has served already ends its session.

    Raises:
        ApiError: `unauthorized`.
    """
    next_token = new_token("rt-")
    async with services.database.system() as scope:
        kept = await sign_in.rotate(
            scope,
            tier,
            hash_token(refresh_token),
            hash_token(next_token),
            now() + timedelta(seconds=services.settings.refresh_token_seconds),
        )
    if kept is None:
        raise ApiError("unauthorized", "Invalid refresh token.")
    if kept.ended_at is not None:
        forget_session(services.database, kept.id)
        raise ApiError("unauthorized", "Invalid refresh token.")
    return _issued(services.settings, kept, next_token)


async def end_session(services: Services, sign_in_id: str) -> None:
    """End a session: its tokens are refused from now on."""
    async with services.database.system() as scope:
        await sign_in.end(scope, sign_in_id)
    forget_session(services.database, sign_in_id)


def read_session(settings: Settings, tier: Tier, access_token: str) -> tuple[str, str | None] | None:
    """Return the sign-in and, where it has one, the app of an access token; None when it is not valid."""
    try:
        claims = read_jwt(settings.secret_key, tier, access_token)
    except TokenError:
        return None
    sign_in_id = claims.get("sid")
    return (sign_in_id, claims.get("app_id")) if isinstance(sign_in_id, str) else None


async def identify_session(services: Services, sign_in_id: str) -> Identity | None:
    """Return who a session speaks for. An account that lost its workspace gets another of its own."""

    async def ask() -> Identity | None:
        async with services.database.system() as scope:
            found = await sign_in.identify(scope, sign_in_id)
            if found is None or found.workspace is not None:
                return found
            for joined in await account.memberships(scope, found.account.id):
                if joined.workspace.status == "normal":
                    await account.switch_workspace(scope, found.account.id, joined.workspace.id)
                    return Identity(found.account, joined.workspace, joined.membership.role)
            return found

    return await recent_answers(services.database).get(("session", sign_in_id), ask)


def csrf_matches(settings: Settings, sign_in_id: str, csrf_token: str | None) -> bool:
    """Tell whether a CSRF token belongs to a session."""
    return bool(csrf_token) and signature_matches(settings.secret_key, _csrf_text(sign_in_id), csrf_token or "")


def _issued(settings: Settings, begun: sign_in.SignIn, refresh_token: str) -> IssuedSession:
    lifetime = settings.access_token_seconds
    claims = {"sub": begun.account_id, "sid": begun.id}
    if begun.app_id is not None:
        claims["app_id"] = begun.app_id
    return IssuedSession(
        sign_in_id=begun.id,
        access_token=issue_jwt(settings.secret_key, begun.tier, claims, lifetime),
        refresh_token=refresh_token,
        csrf_token=sign(settings.secret_key, _csrf_text(begun.id)),
        expires_in=lifetime,
    )


def _csrf_text(sign_in_id: str) -> str:
    return f"csrf|{sign_in_id}"
