"""The initial password: where the operator has set one, whoever sets the server up has to give it first.

A browser that has given it holds a signed cookie that says so; nothing is stored. The cookie of one password does not
serve for another, and none is of any use once there is an owner.
"""

from foundation.secrets import TokenError, issue_jwt, read_jwt, sign, signature_matches
from foundation.settings import Settings
from handlers.call import RequestHead
from handlers.credentials.cookies import INIT_COOKIE, comes_by_https, init_cookie

VALID_SECONDS = 3_600
_PURPOSE = "init"


def is_right(settings: Settings, password: str) -> bool:
    """Tell, in constant time, whether a password is the initial one; none is where none is set."""
    return bool(settings.init_password) and signature_matches(settings.secret_key, _text(password), _proof(settings))


def is_owed(head: RequestHead, settings: Settings) -> bool:
    """Tell whether a browser would have to give the initial password before it could set the server up."""
    if not settings.init_password:
        return False
    try:
        claims = read_jwt(settings.secret_key, _PURPOSE, head.cookie(INIT_COOKIE) or "")
    except TokenError:
        return True
    return not signature_matches(settings.secret_key, _text(settings.init_password), str(claims.get("proof")))


def validation(head: RequestHead, settings: Settings) -> tuple[str, str]:
    """Return the `Set-Cookie` header for a browser that has given the initial password."""
    token = issue_jwt(settings.secret_key, _PURPOSE, {"proof": _proof(settings)}, VALID_SECONDS)
    return init_cookie(token, VALID_SECONDS, secure=comes_by_https(head, settings.public_url))


def _proof(settings: Settings) -> str:
    return sign(settings.secret_key, _text(settings.init_password))


def _text(password: str) -> str:
    return f"init|{password}"
