"""Apps made of apps: copies, and workflows that do what a prompt did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.app_file import graph_of_config
from foundation.errors import ApiError
from foundation.secrets import new_token
from handlers import apps as shared
from handlers.app_config import dataset_ids
from handlers.call import Call
from handlers.contract import schemas
from handlers.workflows import write_draft
from models import app as apps
from models import dataset as datasets
from models import draft_variable as draft_variables
from models import workflow as workflows
from models.app import App, Mode
from models.scope import Scope

_ICON = ("icon_type", "icon", "icon_background")
_CONVERTED: Mapping[str, Mode] = {"chat": "advanced-chat", "completion": "workflow"}
_CHAT_FEATURES = (
    "opening_statement",
    "suggested_questions",
    "suggested_questions_after_answer",
    "speech_to_text",
    "text_to_speech",
    "retriever_resource",
    "sensitive_word_avoidance",
    "file_upload",
)
_COMPLETION_FEATURES = ("text_to_speech", "sensitive_word_avoidance", "file_upload")


async def copy(call: Call, app_id: str, wishes: Mapping[str, Any]) -> schemas.ConsoleApp:
    """Make an app that does what another does.

    Args:
        call: the call.
        app_id: the other.
        wishes: name, description and icon, where they are not those of the other.

    Raises:
        ApiError: `app_not_found`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        source = await apps.get(scope, app_id)
        made = await _beside(call, scope, source, source.mode, wishes, model_config=source.model_config)
        await datasets.link_app(scope, made.id, dataset_ids(source.model_config or {}))
        draft = await workflows.find_draft(scope, app_id)
        if draft is not None:
            copied = await workflows.copy_to_draft(scope, draft, made.id, call.account.account_id)
            await draft_variables.declare_conversation(scope, made.id, copied.conversation_variables)
        return await shared.shown(call, scope, made)


async def convert(call: Call, app_id: str, wishes: Mapping[str, Any]) -> str:
    """Make an app with a graph that does what the prompt of another does, and return its id.

    Raises:
        ApiError: `app_not_found`, or `app_mode_mismatch` for an app of another mode than chat and completion.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        source = await apps.get(scope, app_id)
        available = await call.services.models.available(scope)
    mode = _CONVERTED.get(source.mode)
    if mode is None:
        raise ApiError("app_mode_mismatch", f"Apps of mode {source.mode} are not converted; chat and completion are.")
    config = source.model_config
    model = dict(config.get("model") or {})
    if not model.get("provider") or not model.get("name"):
        choice, _ = await call.services.models.choose(available, "llm")
        model = {**model, "provider": choice.provider, "name": choice.model}
    chosen = {
        "provider": model["provider"],
        "name": model["name"],
        "mode": model.get("mode") or "chat",
        "completion_params": model.get("completion_params") or {},
    }
    chat = mode == "advanced-chat"
    kept = _CHAT_FEATURES if chat else _COMPLETION_FEATURES
    async with call.services.database.workspace(call.workspace_id) as scope:
        made = await _beside(call, scope, source, mode, wishes, model_config={})
        graph = graph_of_config(config, chosen, chat=chat)
        features = {name: config[name] for name in kept if config.get(name) is not None}
        await write_draft(call, scope, made, graph=graph, features=features)
    return made.id


async def _beside(call: Call, scope: Scope, source: App, mode: Mode, wishes: Mapping[str, Any], **fields: Any) -> App:
    icon = {name: getattr(source, name) for name in _ICON}
    if wishes.get("icon"):
        icon = {name: wishes.get(name) for name in _ICON}
    return await apps.create(
        scope,
        name=wishes.get("name") or source.name,
        mode=mode,
        site_code=new_token()[: shared.SITE_CODE_LENGTH],
        created_by=call.account.account_id,
        description=wishes.get("description") or source.description,
        use_icon_as_answer_icon=source.use_icon_as_answer_icon,
        **icon,
        **fields,
    )
