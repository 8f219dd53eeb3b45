"""Stored credentials, models and defaults, as a workspace's apps use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.embedding.builtin import BuiltinEmbedders
from engine.providers.available import ModelChoice, open_settings
from engine.providers.embedders import WorkspaceEmbedders
from engine.providers.resolution import Models
from foundation.errors import ApiError
from foundation.secrets import Sealer
from foundation.settings import Settings
from models import provider as stored
from models.database import Database

SEALER = Sealer("0123456789abcdef")


async def test_what_was_stored_is_what_apps_use(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        await stored.save_credential(scope, "openai", SEALER.seal({"openai_api_key": "sk-1"}), None)
        own = SEALER.seal({"endpoint_url": "http://127.0.0.1:9/v1"})
        await stored.save_model(scope, "openai_api_compatible", "llm", "mine", own, None)
        await stored.set_default_model(scope, "llm", "openai", "gpt-4.1")
    async with database.workspace(workspace_id) as scope:
        available = open_settings(await stored.settings(scope), SEALER)
    assert available.credentials == {"openai": {"openai_api_key": "sk-1"}}
    assert available.defaults["llm"] == ModelChoice("openai", "gpt-4.1")
    own_values = available.values(ModelChoice("openai_api_compatible", "mine"), "llm")
    assert own_values == {"endpoint_url": "http://127.0.0.1:9/v1"}
    assert "sk-1" not in repr(available)


async def test_credentials_sealed_with_another_key_are_told(database: Database, workspace_id: str) -> None:
    async with database.workspace(workspace_id) as scope:
        await stored.save_credential(scope, "openai", SEALER.seal({"openai_api_key": "sk-1"}), None)
    async with database.workspace(workspace_id) as scope:
        with pytest.raises(ApiError) as caught:
            open_settings(await stored.settings(scope), Sealer("another-key-of-16"))
    assert caught.value.code == "provider_not_initialize"


async def test_a_dataset_gets_the_embedder_that_it_names(
    database: Database, workspace_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LLM_URL", "OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    models = Models(Settings(ollama_host="http://127.0.0.1:9"), SEALER)
    builtin = BuiltinEmbedders(tmp_path)
    embedders = WorkspaceEmbedders(database, models, builtin)
    try:
        assert (await embedders.embedder(workspace_id)).provider == "builtin"
        with pytest.raises(ApiError):
            await embedders.embedder(workspace_id, "openai", "text-embedding-3-small")
        async with database.workspace(workspace_id) as scope:
            await stored.save_credential(scope, "openai", SEALER.seal({"openai_api_key": "sk-1"}), None)
        named = await embedders.embedder(workspace_id, "langgenius/openai/openai", "text-embedding-3-small")
        assert (named.provider, named.dimension) == ("openai", 1536)
    finally:
        builtin.close()
        await models.aclose()
