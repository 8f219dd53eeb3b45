"""Questions that a person might ask after an answer, as every tier gives them."""

from __future__ import annotations

from engine.chat import Exchange
from engine.chat.suggestions import suggest_questions
from foundation.errors import ApiError
from handlers.call import Call
from models import message as messages
from models.author import Author


async def after(call: Call, app_id: str, message_id: str, author: Author | None, *, disabled: ApiError) -> list[str]:
    """Return the questions that may follow a message.

    Args:
        call: the call.
        app_id: the app.
        message_id: the message.
        author: whose message it must be; None admits anybody's.
        disabled: what to raise where the app does not suggest questions.

    Raises:
        ApiError: `not_found`, `disabled`, or the model's failure.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        message = await messages.get(scope, app_id, message_id, author)
        if not ((message.model_config or {}).get("suggested_questions_after_answer") or {}).get("enabled"):
            raise disabled
        earlier = await messages.history(scope, message, limit=2)
        available = await call.services.models.available(scope)
    chosen = await call.services.models.chat(available, message.model_config.get("model"))
    history = [Exchange(past.query, past.answer) for past in [*earlier, message] if past.answer]
    return await suggest_questions(chosen.model, history)
