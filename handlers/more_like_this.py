"""Another answer to the same inputs, with more freedom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.errors import ApiError
from handlers import generation
from handlers.authors import author_of
from handlers.call import Call
from handlers.questions import Question
from models import app as apps
from models import message as messages
from models.message import InvokeFrom, Message

TEMPERATURE = 0.9


async def ask_again(
    call: Call, app_id: str, message_id: str, user: str | None, invoke_from: InvokeFrom, *, streaming: bool
) -> Message:
    """Begin another run with the inputs of a message of the person's.

    Raises:
        ApiError: `not_completion_app`, `not_found`, `app_more_like_this_disabled`, or what a question can meet.
    """
    await generation.check_completion_app(call, app_id)
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, user)
        first = await messages.get(scope, app_id, message_id, author)
        config = dict((await apps.get(scope, app_id)).model_config or {})
    if not (config.get("more_like_this") or {}).get("enabled"):
        raise ApiError("app_more_like_this_disabled", "The 'More like this' feature is disabled.")
    question = Question(
        query=first.query,
        inputs=first.inputs,
        files=tuple(file for file in first.files if _sent_along(file)),
        user=user,
        model_config={**config, "model": _freer(config.get("model") or {})},
    )
    return await generation.start(call, app_id, question, invoke_from, streaming)


def _sent_along(file: Mapping[str, Any]) -> bool:
    """Tell whether a person sent a file with the question; those of inputs come with them."""
    return file.get("belongs_to", "user") == "user" and "variable" not in file


def _freer(model: dict[str, Any]) -> dict[str, Any]:
    return {**model, "completion_params": {**(model.get("completion_params") or {}), "temperature": TEMPERATURE}}
