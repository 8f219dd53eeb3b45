"""The providers that this program speaks to: descriptions, credential forms, known models, parameters.

The data stands in `catalogue.yaml`; here it gets its types and the shapes of the Console API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml

from foundation.errors import ApiError, ErrorDetail

ModelType = Literal["llm", "text-embedding", "rerank", "speech2text", "tts"]
Labels = Mapping[str, str]

_FILE = Path(__file__).with_name("catalogue.yaml")
_EMBEDDING_NAMES = ("embed", "bge-", "/bge", "minilm", "e5-", "gte-")
_TOOLS = frozenset({"tool-call", "multi-tool-call"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a credential form."""

    variable: str
    label: Labels
    type: str
    required: bool
    default: str | None = None
    placeholder: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Returns the field in the Console's shape."""
        shown: dict[str, Any] = {
            "variable": self.variable,
            "label": dict(self.label),
            "type": self.type,
            "required": self.required,
            "default": self.default,
        }
        if self.placeholder:
            shown["placeholder"] = {"en_US": self.placeholder, "zh_Hans": self.placeholder}
        return shown


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that a provider serves. `context` and `dimension` are 0, `features` None, where nothing is known."""

    name: str
    type: ModelType
    context: int = 0
    dimension: int = 0
    features: tuple[str, ...] | None = None
    predefined: bool = True

    @property
    def calls_tools(self) -> bool:
        """Whether tools may be passed; a model that nothing is known of may try."""
        return self.features is None or bool(_TOOLS & set(self.features))

    def as_dict(self, status: str) -> dict[str, Any]:
        """Returns the model in the Console's shape, with its `status` in a workspace."""
        known: dict[str, Any] = {"mode": "chat"} if self.type == "llm" else {}
        if self.context:
            known["context_size"] = self.context
        if self.dimension:
            known["dimension"] = self.dimension
        return {
            "model": self.name,
            "label": {"en_US": self.name, "zh_Hans": self.name},
            "model_type": self.type,
            "features": None if self.features is None else list(self.features),
            "model_properties": known,
            "fetch_from": "predefined-model" if self.predefined else "customizable-model",
            "status": status,
            "deprecated": False,
            "load_balancing_enabled": False,
        }


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models, and what must be known to ask."""

    name: str
    label: Labels
    description: Labels
    background: str
    types: tuple[ModelType, ...]
    form: tuple[Field, ...]
    models: tuple[ModelEntry, ...]

    @property
    def secret_fields(self) -> frozenset[str]:
        """The fields that are never shown."""
        return frozenset(field.variable for field in self.form if field.type == "secret-input")

    @property
    def takes_models(self) -> bool:
        """Whether a workspace may add models with credentials of their own."""
        return bool(self.form)

    def summary(self) -> dict[str, Any]:
        """Returns the provider in the Console's short shape."""
        return {
            "provider": self.name,
            "label": dict(self.label),
            "icon_small": _icon(self, 24),
            "icon_large": _icon(self, 96),
            "supported_model_types": list(self.types),
        }

    def as_dict(self) -> dict[str, Any]:
        """Returns what the Console's full shape says of the provider in every workspace."""
        form = {"credential_form_schemas": [field.as_dict() for field in self.form]}
        return {
            **self.summary(),
            "description": dict(self.description),
            "background": self.background,
            "configurate_methods": ["predefined-model", *(["customizable-model"] if self.takes_models else [])],
            "provider_credential_schema": form,
            "model_credential_schema": form if self.takes_models else None,
        }

    def checked(self, credentials: Mapping[str, Any]) -> dict[str, str]:
        """Returns the form's fields out of `credentials`, with defaults, without blanks.

        Raises:
            ApiError: a required field is missing, or a value is not text (`credentials_validation_failed`, one
                detail each).
        """
        values: dict[str, str] = {}
        wrong: list[ErrorDetail] = []
        for field in self.form:
            value = credentials.get(field.variable)
            where = f"credentials.{field.variable}"
            if value is not None and not isinstance(value, str):
                wrong.append({"field": where, "type": "type", "message": "Must be text."})
                continue
            value = (value or "").strip() or field.default or ""
            if value:
                values[field.variable] = value
            elif field.required:
                wrong.append({"field": where, "type": "required", "message": f"{field.label['en_US']} is missing."})
        if wrong:
            raise ApiError("credentials_validation_failed", wrong[0]["message"], details=wrong)
        return values

    def masked(self, credentials: Mapping[str, str]) -> dict[str, str]:
        """Returns `credentials` with its secrets hidden but for a few characters."""
        return {name: mask(value) if name in self.secret_fields else value for name, value in credentials.items()}

    def unmasked(self, sent: Mapping[str, Any], stored: Mapping[str, str]) -> dict[str, Any]:
        """Returns `sent` with the stored secret wherever a secret came back masked.

        Raises:
            ApiError: a stored secret would go to another address than the one that it was entered for
                (`credentials_validation_failed`): whoever changes where it goes has to know it.
        """
        masked = [name for name in self.secret_fields if name in stored and sent.get(name) == mask(stored[name])]
        if masked and self._addresses(sent) != self._addresses(stored):
            message = "Enter the secret again: it is for another address than before."
            details: list[ErrorDetail] = [
                {"field": f"credentials.{name}", "type": "masked", "message": message} for name in sorted(masked)
            ]
            raise ApiError("credentials_validation_failed", message, details=details)
        return {**sent, **{name: stored[name] for name in masked}}

    def _addresses(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Returns the fields that say where a server is."""
        names = (field.variable for field in self.form if field.variable not in self.secret_fields)
        shown = {name: str(values.get(name) or "").strip().rstrip("/") for name in names}
        return {name: value for name, value in shown.items() if "://" in value}


@lru_cache(maxsize=1)
def providers() -> Mapping[str, Provider]:
    """Returns all providers by name, the built-in one first."""
    written = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _provider(name, entry) for name, entry in written.items()}


def provider(name: str) -> Provider:
    """Returns a provider; `langgenius/openai/openai`, as newer clients write it, is `openai`.

    Raises:
        ApiError: there is no such provider (`provider_not_found`).
    """
    found = providers().get(canonical(name))
    if found is None:
        known = ", ".join(providers())
        raise ApiError("provider_not_found", f"There is no model provider {name!r}. There are: {known}.")
    return found


def canonical(name: str) -> str:
    """Returns the short form of a provider's name."""
    return name.rsplit("/", 1)[-1].strip()


def named_model(name: str, model_type: ModelType | None = None) -> ModelEntry:
    """Returns an entry for a model of which nothing but its name is known."""
    guessed: ModelType = "text-embedding" if any(part in name.lower() for part in _EMBEDDING_NAMES) else "llm"
    if "rerank" in name.lower():
        guessed = "rerank"
    return ModelEntry(name, model_type or guessed, predefined=False)


def parameter_rules(provider_name: str) -> list[dict[str, Any]]:
    """Returns the parameters that a provider's chat models take, in the Console's shape."""
    if canonical(provider_name) == "builtin":
        return []
    top = 1.0 if canonical(provider_name) == "anthropic" else 2.0
    rules = [
        _rule("temperature", "Temperature", "温度", "float", 0, top, 1.0),
        _rule("top_p", "Top P", "Top P", "float", 0, 1, 1.0),
        _rule("max_tokens", "Max tokens", "最大标记", "int", 1, 128_000, 4096),
    ]
    if canonical(provider_name) != "anthropic":
        rules += [
            _rule("presence_penalty", "Presence penalty", "存在惩罚", "float", -2, 2, 0.0),
            _rule("frequency_penalty", "Frequency penalty", "频率惩罚", "float", -2, 2, 0.0),
        ]
    return rules


def mask(secret: str) -> str:
    """Returns a secret as it is shown: a few characters at its ends, where it is long enough for that."""
    if len(secret) <= 12:
        return "*" * 20
    return f"{secret[:6]}{'*' * 12}{secret[-2:]}"


def _provider(name: str, entry: Mapping[str, Any]) -> Provider:
    models = [
        ModelEntry(
            model,
            known.get("type", "llm"),
            known.get("context", 0),
            known.get("dimension", 0),
            tuple(known.get("features", ())),
        )
        for model, known in entry["models"].items()
    ]
    return Provider(
        name=name,
        label=entry["label"],
        description=entry["description"],
        background=entry["background"],
        types=tuple(entry["types"]),
        form=tuple(Field(**field) for field in entry["form"]),
        models=tuple(models),
    )


def _rule(
    name: str, english: str, chinese: str, kind: str, least: float, most: float, default: float
) -> dict[str, Any]:
    return {
        "name": name,
        "use_template": name,
        "label": {"en_US": english, "zh_Hans": chinese},
        "type": kind,
        "help": None,
        "required": False,
        "default": default,
        "min": least,
        "max": most,
        "precision": 2 if kind == "float" else 0,
        "options": [],
    }


def _icon(of: Provider, size: int) -> dict[str, str]:
    """Returns the provider's initial on its colour, as a picture within a URL."""
    letter = of.label["en_US"][0]
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 24 24">'
        f'<rect width="24" height="24" rx="5" fill="{of.background}"/>'
        f'<text x="12" y="16.5" font-family="sans-serif" font-size="13" text-anchor="middle">{letter}</text></svg>'
    )
    url = f"data:image/svg+xml,{quote(drawn)}"
    return {"en_US": url, "zh_Hans": url}
