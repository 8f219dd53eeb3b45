"""Decides which model answers, and who serves it.

The first that there is: the one chosen in the app → the workspace's default → LLM_URL → OPENAI_API_KEY,
ANTHROPIC_API_KEY, GEMINI_API_KEY → an Ollama that answers → the built-in model.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from engine.providers import credentials as trial
from engine.providers.audio import OpenAIAudio
from engine.providers.available import (
    ModelChoice,
    WorkspaceModels,
    not_initialized,
    open_settings,
    settings_credentials,
)
from engine.providers.builtin import EXTRACTIVE_MODEL, PROVIDER
from engine.providers.catalogue import ModelEntry, ModelType, canonical, named_model, provider
from engine.providers.construction import make_audio, make_chat, make_embedding, make_moderation, make_reranker
from engine.providers.discovery import list_models, probe_ollama
from engine.providers.embeddings import OpenAIEmbeddings
from engine.providers.endpoints import endpoint
from engine.providers.failure import ProviderFailure
from engine.providers.model import ChatModel
from engine.providers.moderation import MODERATION_MODEL, OpenAIModeration
from engine.providers.outbound import ProviderHttp
from engine.providers.pricing import load_catalogue
from engine.providers.rerank import Reranker
from foundation.egress import EgressGuard
from foundation.errors import ApiError
from foundation.secrets import Sealer
from foundation.settings import Settings
from models import provider as stored
from models.provider import Setting
from models.scope import Scope

_MODELS_KEPT = 128
_VARIABLES = {
    "openai_api_compatible": "LLM_URL",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "ollama": "OLLAMA_HOST",
    PROVIDER: "built-in",
}
_CHAT_DEFAULTS = {"openai": "gpt-4o-mini", "anthropic": "claude-haiku-4-5", "gemini": "gemini-2.5-flash"}
_AUDIO_DEFAULTS = {"speech2text": "whisper-1", "tts": "tts-1"}
_EMBEDDING_DEFAULTS = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001"}

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Model]):
    """A model, and why it was taken: app, workspace, an environment variable's name, or built-in."""

    model: Model
    source: str


class Models:
    """All models of a process. Make one after a fork; it holds the connections to the providers."""

    def __init__(self, settings: Settings, sealer: Sealer, http: ProviderHttp | None = None) -> None:
        self.http = http or ProviderHttp()
        self._workspace_http = self.http
        if settings.provider_addresses == "public":
            guard = EgressGuard(settings.ssrf_allow_cidrs)
            self._workspace_http = ProviderHttp(self.http.timeouts, guard)
        self._settings = settings
        self._sealer = sealer
        self._from_settings = settings_credentials(settings)
        self._made: OrderedDict[object, Any] = OrderedDict()
        self._asking = asyncio.Lock()
        self._ollama: list[ModelEntry] | None = None
        self._llm_model = settings.llm_model

    async def start(self) -> None:
        """Looks for an Ollama and reads the price list, so that the first answer does not wait for them."""
        await asyncio.gather(asyncio.to_thread(load_catalogue), self.ollama_models())

    async def aclose(self) -> None:
        """Ends all connections."""
        made, self._made = self._made, OrderedDict()
        for model in made.values():
            if hasattr(model, "aclose"):
                await model.aclose()
        await self.http.aclose()
        if self._workspace_http is not self.http:
            await self._workspace_http.aclose()

    async def available(self, scope: Scope) -> WorkspaceModels:
        """Reads what a workspace may use; see `opened`."""
        return self.opened(await stored.settings(scope))

    def opened(self, settings: Iterable[Setting]) -> WorkspaceModels:
        """Returns what a workspace may use, from its rows.

        Raises:
            ApiError: stored credentials do not open with this server's key (`provider_not_initialize`).
        """
        return open_settings(settings, self._sealer)

    async def chat(self, available: WorkspaceModels, config: Mapping[str, Any] | None = None) -> Chosen[ChatModel]:
        """Returns the chat model for an app.

        Args:
            available: what the app's workspace may use.
            config: the `model` object of the app's configuration.

        Raises:
            ApiError: the chosen provider is unknown (`provider_not_found`) or has no credentials
                (`provider_not_initialize`).
        """
        choice, source = await self.choose(available, "llm", ModelChoice.of(config))
        values = self._values(available, choice, "llm")
        return Chosen(self._kept(("llm", choice, _frozen(values)), choice, values, make_chat), source)

    async def embedding(
        self, available: WorkspaceModels, choice: ModelChoice | None = None
    ) -> Chosen[OpenAIEmbeddings] | None:
        """Returns the embedding model for a dataset; None means the built-in one.

        Raises:
            ApiError: the chosen provider is unknown, has no credentials, or has no embedding models.
        """
        chosen, source = await self.choose(available, "text-embedding", choice)
        if chosen.provider == PROVIDER:
            return None
        values = self._values(available, chosen, "text-embedding")
        key = ("text-embedding", chosen, _frozen(values))
        return Chosen(self._kept(key, chosen, values, make_embedding), source)

    def audio(
        self, available: WorkspaceModels, model_type: Literal["speech2text", "tts"], choice: ModelChoice | None = None
    ) -> OpenAIAudio | None:
        """Returns the model that speaks or listens; None where no provider of the workspace has one.

        The first that there is: `choice` → the workspace's default → a provider that the workspace has credentials
        for → LLM_URL, OPENAI_API_KEY.

        Raises:
            ApiError: the chosen provider is unknown, has no credentials, or has no such models.
        """
        chosen = choice or available.defaults.get(model_type)
        if chosen is None:
            for name in [*available.credentials, *self._from_settings]:
                if model_type in provider(name).types:
                    chosen = ModelChoice(name, _AUDIO_DEFAULTS[model_type])
                    break
            else:
                return None
        values = self._values(available, chosen, model_type)
        made: OpenAIAudio = self._kept((model_type, chosen, _frozen(values)), chosen, values, make_audio)
        return made

    def reranker(self, available: WorkspaceModels, choice: ModelChoice | None = None) -> Reranker | None:
        """Returns the named reranking model, or the workspace's default; None where neither is given.

        Raises:
            ApiError: the chosen provider is unknown, has no credentials, or has no reranking models.
        """
        chosen = choice or available.defaults.get("rerank")
        if chosen is None:
            return None
        values = self._values(available, chosen, "rerank")
        made: Reranker = self._kept(("rerank", chosen, _frozen(values)), chosen, values, make_reranker)
        return made

    def moderation(self, available: WorkspaceModels) -> OpenAIModeration | None:
        """Returns OpenAI's moderation model, or that of a compatible server; None where neither is connected."""
        for name in ("openai", "openai_api_compatible"):
            values = available.credentials.get(name) or self._from_settings.get(name)
            if values is not None:
                choice = ModelChoice(name, MODERATION_MODEL)
                made: OpenAIModeration = self._kept(
                    ("moderation", choice, _frozen(values)), choice, values, make_moderation
                )
                return made
        return None

    async def choose(
        self, available: WorkspaceModels, model_type: ModelType, choice: ModelChoice | None = None
    ) -> tuple[ModelChoice, str]:
        """Returns the model that is used where `choice` is what an app or a dataset names, and its source.

        The built-in embedding model has no name here (`""`): the process decides which one it can run.
        """
        if choice is not None:
            return choice, "app"
        default = available.defaults.get(model_type)
        if default is not None:
            return default, "workspace"
        for name in self._from_settings:
            model = await self._settings_model(name, model_type)
            if model:
                return ModelChoice(name, model), _VARIABLES[name]
        for entry in await self.ollama_models():
            if entry.type == model_type and entry.name == (self._settings.llm_model or entry.name):
                return ModelChoice("ollama", entry.name), _VARIABLES["ollama"]
        builtin = EXTRACTIVE_MODEL if model_type == "llm" else ""
        return ModelChoice(PROVIDER, builtin), _VARIABLES[PROVIDER]

    async def models(self, provider_name: str, available: WorkspaceModels) -> list[ModelEntry]:
        """Returns a provider's models: known, named in its form, added by the workspace, or asked from it.

        A provider that has no credentials, or does not answer, has those of the catalogue alone.

        Raises:
            ApiError: there is no such provider (`provider_not_found`).
        """
        known = provider(provider_name)
        found = {(entry.type, entry.name): entry for entry in known.models}
        values = available.credentials.get(known.name) or self._from_settings.get(known.name)
        if known.name == "ollama" and values is None:
            asked = await self.ollama_models()
        else:
            asked = await self._asked(known.name, values) if values is not None else []
        own = [
            named_model(model, each)
            for name, kind, model in available.own_models
            for each in known.types
            if name == known.name and kind == each
        ]
        for entry in [*asked, *own]:
            found.setdefault((entry.type, entry.name), entry)
        return list(found.values())

    def configured_by(self, provider_name: str, available: WorkspaceModels) -> str | None:
        """Returns who gave a provider's credentials: `custom` (the workspace), `system` (the settings), None."""
        name = canonical(provider_name)
        if name in available.credentials:
            return "custom"
        found_ollama = name == "ollama" and bool(self._ollama)
        return "system" if name == PROVIDER or name in self._from_settings or found_ollama else None

    async def validate(
        self, provider_name: str, credentials: Mapping[str, Any], model: str = "", model_type: ModelType = "llm"
    ) -> dict[str, str]:
        """Tries credentials by a real call; see `validate_credentials`."""
        return await trial.validate_credentials(self._workspace_http, provider_name, credentials, model, model_type)

    async def ollama_models(self) -> list[ModelEntry]:
        """Returns the models of the Ollama that answered when it was first looked for."""
        async with self._asking:
            if self._ollama is None:
                self._ollama = await probe_ollama(self.http, self._settings.ollama_host)
            return self._ollama

    async def _settings_model(self, name: str, model_type: ModelType) -> str:
        """Returns the model that a provider of the settings uses; empty where it has none of the type."""
        if model_type == "text-embedding":
            return _EMBEDDING_DEFAULTS.get(name, "")
        if name != "openai_api_compatible":
            only = len(self._from_settings) == 1
            return (self._settings.llm_model if only else "") or _CHAT_DEFAULTS[name]
        if not self._llm_model:
            self._llm_model = await self._first_model(self._from_settings[name])
        return self._llm_model

    async def _first_model(self, values: Mapping[str, str]) -> str:
        """Returns the first chat model that the server at LLM_URL lists."""
        try:
            listed = await list_models(self.http, endpoint("openai_api_compatible", values))
        except ProviderFailure as failure:
            raise failure.error("LLM_URL", "") from failure
        for entry in listed:
            if entry.type == "llm":
                return entry.name
        message = "The server at LLM_URL lists no chat model. Set LLM_MODEL to the model's name."
        raise ApiError("provider_not_initialize", message)

    async def _asked(self, name: str, values: Mapping[str, str]) -> list[ModelEntry]:
        """Returns the models named in a provider's form, or listed by a server without known models."""
        if name in ("anthropic", PROVIDER):
            return []
        where = endpoint(name, values)
        named = [named_model(model, "llm") for model in where.llm_models]
        named += [named_model(model, "text-embedding") for model in where.embedding_models]
        if where.llm_models or not where.lists_models or provider(name).models:
            return named
        try:
            return named + await list_models(self._way(values), where)
        except ProviderFailure:
            return named

    def _values(self, available: WorkspaceModels, choice: ModelChoice, model_type: ModelType) -> Mapping[str, str]:
        """Returns the credentials for a model."""
        known = provider(choice.provider)
        values = available.values(choice, model_type) or self._from_settings.get(known.name)
        if values is None and known.name == "ollama":
            values = {"base_url": self._settings.ollama_host}
        if values is None and known.name != PROVIDER:
            raise not_initialized(known.name)
        return values or {}

    def _way(self, values: Mapping[str, str]) -> ProviderHttp:
        """Returns the way out with some credentials: those of the server's own settings may lead anywhere."""
        own = [*self._from_settings.values(), {"base_url": self._settings.ollama_host}]
        return self.http if values in own else self._workspace_http

    def _kept(self, key: object, choice: ModelChoice, values: Mapping[str, str], make: Any) -> Any:
        """Returns the model made earlier for `key`, or makes it; connections are used again this way."""
        model = self._made.get(key)
        if model is None:
            model = self._made[key] = make(self._way(values), choice.provider, choice.model, values)
            if len(self._made) > _MODELS_KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return model


def _frozen(values: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(values.items())
