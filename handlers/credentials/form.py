"""Whoever uploads files for a form that a run waits for: a token that this server signed."""

from datetime import timedelta

from foundation.errors import ApiError
from foundation.secrets import TokenError, issue_jwt, read_jwt
from handlers.call import RequestHead, Services
from handlers.callers import Caller, FormCaller
from models.human_input import HumanInputForm
from models.table import now

LONGEST = timedelta(hours=1)
_PURPOSE = "form-upload"


async def authenticate_form_upload(head: RequestHead, services: Services) -> Caller | None:
    """Accept the upload token of a form.

    Raises:
        ApiError: `unauthorized`.
    """
    token = head.bearer()
    if token is None:
        raise ApiError("unauthorized", "Send `Authorization: Bearer <upload_token>`, with the form's upload token.")
    try:
        claims = read_jwt(services.settings.secret_key, _PURPOSE, token)
    except TokenError as error:
        raise ApiError("unauthorized", str(error)) from error
    return FormCaller(str(claims["workspace_id"]), str(claims["form_id"]))


def issue_upload_token(services: Services, form: HumanInputForm) -> tuple[str, int]:
    """Let whoever has a form's token upload files for it.

    Returns:
        The upload token, and the moment at which it expires, in unix seconds; not later than the form does.
    """
    seconds = max(1, int(min(LONGEST, form.expires_at - now()).total_seconds()))
    claims = {"workspace_id": form.workspace_id, "form_id": form.id}
    return issue_jwt(services.settings.secret_key, _PURPOSE, claims, seconds), int(now().timestamp()) + seconds
