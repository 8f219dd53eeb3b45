"""Forms that runs of the app wait for."""

from __future__ import annotations

from handlers import human_input
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import UploadedFile


async def get_human_input_form(call: Call, *, form_token: str) -> schemas.HumanInputForm:
    """Show a form."""
    return await human_input.show(call, form_token, call.app_id)


async def submit_human_input_form(call: Call, *, form_token: str, body: schemas.HumanInputSubmission) -> schemas.Result:
    """Let the run go on the way that the person chose."""
    return await human_input.submit(call, form_token, call.app_id, body["action"], body.get("inputs"))


async def upload_human_input_file(
    call: Call, *, form_token: str, file: UploadedFile, user: str | None = None
) -> schemas.UploadedFile:
    """Keep a file for a form."""
    return await human_input.upload(call, form_token, call.app_id, file)
