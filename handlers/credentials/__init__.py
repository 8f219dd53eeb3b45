"""Credentials: how each tier's security schemes turn a request into a caller."""

from collections.abc import Awaitable, Callable

from foundation.errors import ApiError
from handlers.call import RequestHead, Services, Tier
from handlers.callers import Caller
from handlers.credentials.console import (
    authenticate_console_session,
    authenticate_console_token,
    missing_session,
)
from handlers.credentials.form import authenticate_form_upload
from handlers.credentials.service import authenticate_app_key, authenticate_knowledge_key, missing_key
from handlers.credentials.web import authenticate_end_user, missing_end_user

Authenticator = Callable[[RequestHead, Services], Awaitable[Caller | None]]

AUTHENTICATORS: dict[Tier, dict[str, Authenticator]] = {
    "service": {"AppKey": authenticate_app_key, "KnowledgeKey": authenticate_knowledge_key},
    "console": {
        "ConsoleToken": authenticate_console_token,
        "ConsoleSession": authenticate_console_session,
    },
    "web": {"EndUserToken": authenticate_end_user, "FormUploadToken": authenticate_form_upload},
}
"""The authenticator of each security scheme: None means that its credential was not sent."""

REFUSALS: dict[Tier, Callable[[RequestHead, Services], Awaitable[ApiError]]] = {
    "service": missing_key,
    "console": missing_session,
    "web": missing_end_user,
}
"""What a tier answers when none of an operation's credentials was sent."""
