"""Where each provider is reached, from the values of its credential form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from foundation.errors import ApiError

GEMINI_URL = "https://generativelanguage.googleapis.com"
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The base URL of an OpenAI-compatible API, what goes with every request, and the models named in the form."""

    base_url: str
    api_key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    llm_models: tuple[str, ...] = ()
    embedding_models: tuple[str, ...] = ()
    lists_models: bool = True


def endpoint(provider: str, credentials: Mapping[str, str], model: str = "") -> Endpoint:
    """Returns where an OpenAI-compatible `provider` serves `model` (only Azure needs to know which).

    Raises:
        ApiError: the base URL is not one (`credentials_validation_failed`).
    """
    match provider:
        case "openai":
            key = credentials.get("openai_api_key", "")
            organization = credentials.get("openai_organization")
            more = {"OpenAI-Organization": organization} if organization else {}
            base = _url(credentials.get("openai_api_base") or OPENAI_URL)
            if base in ("https://api.openai.com", "http://api.openai.com"):
                base = OPENAI_URL
            return Endpoint(base, key, {**_bearer(key), **more})
        case "azure_openai":
            key = credentials.get("openai_api_key", "")
            base = _url(credentials.get("openai_api_base", "")).removesuffix("/openai")
            return Endpoint(
                f"{base}/openai/deployments/{model}" if model else base,
                key,
                {"api-key": key},
                {"api-version": credentials.get("openai_api_version", "2024-10-21")},
                _names(credentials.get("llm_deployments")),
                _names(credentials.get("embedding_deployments")),
                lists_models=False,
            )
        case "gemini":
            key = credentials.get("google_api_key", "")
            base = _url(credentials.get("google_base_url") or GEMINI_URL)
            base = base if base.endswith("/openai") else f"{base.removesuffix('/v1beta')}/v1beta/openai"
            return Endpoint(base, key, _bearer(key))
        case "ollama":
            base = _url(credentials.get("base_url") or "http://localhost:11434").removesuffix("/v1")
            return Endpoint(f"{base}/v1")
        case _:
            key = credentials.get("api_key", "")
            return Endpoint(
                _url(credentials.get("endpoint_url", "")).removesuffix("/chat/completions"),
                key,
                _bearer(key),
                llm_models=_names(credentials.get("llm_models")),
                embedding_models=_names(credentials.get("embedding_models")),
            )


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _url(text: str) -> str:
    """Returns a base URL without a slash at its end."""
    url = text.strip().rstrip("/")
    if not url.startswith(("http://", "https://")) or len(url) < len("http://x"):
        message = "The base URL must start with http:// or https:// and name a host."
        raise ApiError("credentials_validation_failed", message)
    return url


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))
