"""What happens to a question before a model is asked: moderation, annotation reply, external data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.chat.external_data import external_values, external_variables
from engine.extension import Extension
from engine.moderation import ApiModerator, KeywordModerator, ModerationSettings, Moderator, OpenAIModerator
from foundation.errors import ApiError
from models import account
from models import api_extension as extensions
from models.annotation import Match
from models.message import Message
from workers import annotations as reply
from workers.process import GenerationProcess
from workers.turns import Background


@dataclass(frozen=True, slots=True)
class Opening:
    """A question as the model will get it; or its `answer`, where no model is needed."""

    query: str
    inputs: Mapping[str, Any]
    answer: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    moderator: Moderator | None = None
    """Who looks at the answer."""


async def open_question(process: GenerationProcess, message: Message, background: Background) -> Opening:
    """Prepare a message's question.

    Raises:
        ApiError: the moderator or an extension failed; nothing that could not be looked at is let through.
    """
    config, query, inputs = message.model_config or {}, message.query, message.inputs
    settings = ModerationSettings.of(config)
    moderator = await _moderator(process, message, background, settings) if settings else None
    if settings and moderator and settings.checks_inputs:
        verdict = await moderator.check_input(query, inputs)
        if verdict is not None and verdict.answer is not None:
            return Opening(query, inputs, verdict.answer)
        if verdict is not None:
            query = verdict.query if verdict.query is not None else query
            inputs = dict(verdict.inputs) if verdict.inputs is not None else inputs
    match = await reply.matching(process, message, query) if background.annotated else None
    if match is not None:
        return Opening(query, inputs, match.annotation.answer, {"annotation_reply": await _shown(process, match)})
    if variables := external_variables(config):

        async def find(extension_id: str) -> Extension:
            return await _extension(process, message.workspace_id, extension_id)

        inputs = await external_values(variables, find, app_id=message.app_id, query=query, inputs=inputs)
    watching = moderator if settings and settings.checks_outputs else None
    return Opening(query, inputs, moderator=watching)


async def answer_moderator(process: GenerationProcess, message: Message, background: Background) -> Moderator | None:
    """Return who looks at the rest of a message's answer; None where nobody does.

    Raises:
        ApiError: there is no such moderator.
    """
    settings = ModerationSettings.of(message.model_config or {})
    if settings is None or not settings.checks_outputs:
        return None
    return await _moderator(process, message, background, settings)


async def _moderator(
    process: GenerationProcess, message: Message, background: Background, settings: ModerationSettings
) -> Moderator:
    match settings.type:
        case "keywords":
            return KeywordModerator(settings)
        case "openai_moderation":
            if background.available is None:
                raise background.refusal or ApiError("provider_not_initialize", "The models cannot be read.")
            model = process.models.moderation(background.available)
            if model is None:
                text = "Moderation by OpenAI needs credentials of OpenAI in this workspace. Add them in the console."
                raise ApiError("provider_not_initialize", text)
            return OpenAIModerator(settings, model)
        case "api":
            extension = await _extension(process, message.workspace_id, settings.extension_id)
            return ApiModerator(settings, extension, message.app_id)
        case other:
            known = "keywords, openai_moderation or api"
            raise ApiError("app_unavailable", f"The app moderates by {other!r}; it can be {known}.")


async def _extension(process: GenerationProcess, workspace_id: str, extension_id: str) -> Extension:
    async with process.database.workspace(workspace_id) as scope:
        found = await extensions.find(scope, extension_id)
    if found is None:
        raise ApiError("app_unavailable", "The API extension that the app uses does not exist any more.")
    key = str(process.sealer.open(found.sealed)["api_key"])
    return Extension(process.egress, found.name, found.api_endpoint, key)


async def _shown(process: GenerationProcess, match: Match) -> dict[str, Any]:
    annotation = match.annotation
    author: dict[str, Any] = {"id": annotation.account_id, "name": ""}
    if annotation.account_id is not None:
        async with process.database.workspace(annotation.workspace_id) as scope:
            author["name"] = (await account.names(scope, {annotation.account_id})).get(annotation.account_id, "")
    return {"id": annotation.id, "account": author}
