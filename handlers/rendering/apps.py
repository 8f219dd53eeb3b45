"""Apps as those who use them see them: information, inputs and features, model, site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.settings import Settings
from handlers.contract import schemas
from handlers.rendering.trusted import trusted
from models.app import App, Site

MEGABYTE = 1024 * 1024
MOST_FILES = 10
OFF = {"enabled": False}
NO_IMAGES = {"enabled": False, "number_limits": 3, "detail": "high", "transfer_methods": ["remote_url", "local_file"]}
TYPES: dict[str, schemas.InputParameterType] = {
    "number": "number",
    "checkbox": "boolean",
    "json_object": "object",
    "file": "file",
    "file-list": "array",
}


def render_info(app: App, author_name: str, tags: Sequence[str] = ()) -> schemas.AppInfo:
    """Render an `AppInfo`."""
    return {
        "name": app.name,
        "description": app.description,
        "tags": list(tags),
        "mode": app.mode,
        "author_name": author_name,
    }


def render_parameters(config: Mapping[str, Any], settings: Settings) -> schemas.AppParameters:
    """Render an `AppParameters`, with a value for everything that an app's configuration leaves out."""
    form = config.get("user_input_form") or []
    return {
        "opening_statement": config.get("opening_statement") or "",
        "suggested_questions": config.get("suggested_questions") or [],
        "suggested_questions_after_answer": _toggle(config, "suggested_questions_after_answer"),
        "speech_to_text": _toggle(config, "speech_to_text"),
        "text_to_speech": _toggle(config, "text_to_speech", {"enabled": False, "voice": "", "language": ""}),
        "retriever_resource": _toggle(config, "retriever_resource", {"enabled": True}),
        "annotation_reply": _toggle(config, "annotation_reply"),
        "more_like_this": _toggle(config, "more_like_this"),
        "user_input_form": form,
        "sensitive_word_avoidance": _toggle(config, "sensitive_word_avoidance"),
        "file_upload": trusted({"image": NO_IMAGES, **(config.get("file_upload") or {})}),
        "system_parameters": render_system_parameters(settings),
        "parameters": [_input_parameter(field) for field in form],
    }


def render_system_parameters(settings: Settings) -> schemas.SystemParameters:
    """Render a `SystemParameters`."""
    return {
        "image_file_size_limit": settings.image_max_bytes // MEGABYTE,
        "video_file_size_limit": settings.video_max_bytes // MEGABYTE,
        "audio_file_size_limit": settings.audio_max_bytes // MEGABYTE,
        "file_size_limit": settings.document_max_bytes // MEGABYTE,
        "workflow_file_upload_limit": MOST_FILES,
    }


def render_meta(app: App, tool_icons: Mapping[str, Any]) -> schemas.AppMeta:
    """Render an `AppMeta`."""
    model = (app.model_config or {}).get("model") or {}
    longest = (model.get("completion_params") or {}).get("max_tokens")
    return {
        "tool_icons": dict(tool_icons),
        "provider": model.get("provider") or None,
        "model": model.get("name") or None,
        "max_tokens": longest if isinstance(longest, int) and longest >= 0 else None,
    }


def render_site(site: Site) -> schemas.Site:
    """Render a `Site`."""
    return {
        "title": site.title,
        "chat_color_theme": site.chat_color_theme,
        "chat_color_theme_inverted": site.chat_color_theme_inverted,
        "icon_type": trusted(site.icon_type),
        "icon": site.icon,
        "icon_background": site.icon_background,
        "icon_url": None,
        "description": site.description,
        "copyright": site.copyright,
        "privacy_policy": site.privacy_policy,
        "custom_disclaimer": site.custom_disclaimer,
        "input_placeholder": None,
        "default_language": site.default_language,
        "show_workflow_steps": site.show_workflow_steps,
        "use_icon_as_answer_icon": site.use_icon_as_answer_icon,
    }


def _toggle(config: Mapping[str, Any], name: str, default: Mapping[str, Any] = OFF) -> Any:
    return trusted({**default, **(config.get(name) or {})})


def _input_parameter(field: Mapping[str, Any]) -> schemas.InputParameter:
    kind, declared = next(iter(field.items()))
    return {
        "variable": declared["variable"],
        "name": declared["label"],
        "type": TYPES.get(kind, "string"),
        "required": bool(declared.get("required")),
    }
