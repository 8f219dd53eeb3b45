"""Forms that runs wait for; their tokens are the credentials."""

from __future__ import annotations

from handlers import human_input
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import UploadedFile


async def get_human_input_form(call: Call, *, form_token: str) -> schemas.HumanInputForm:
    """Show a form."""
    return await human_input.show(call, form_token, None)


async def submit_human_input_form(call: Call, *, form_token: str, body: schemas.HumanInputSubmission) -> schemas.Result:
    """Let the run go on the way that the person chose."""
    return await human_input.submit(call, form_token, None, body["action"], body.get("inputs"))


async def upload_human_input_file(
    call: Call, *, form_token: str, file: UploadedFile, user: str | None = None
) -> schemas.UploadedFile:
    """Keep a file for a form."""
    return await human_input.upload(call, form_token, None, file)


async def create_human_input_upload_token(call: Call, *, form_token: str) -> schemas.HumanInputUploadToken:
    """Give a token that admits to uploads for a form."""
    return await human_input.grant_upload(call, form_token)


async def upload_human_input_form_file(
    call: Call, *, file: UploadedFile, user: str | None = None
) -> schemas.UploadedFile:
    """Keep a file for the form whose upload token was sent."""
    return await human_input.upload_granted(call, file)
