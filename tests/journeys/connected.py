"""A model provider, connected to a workspace as its owner does it."""

from typing import Any

import httpx2

MODEL = "gpt-4o-mini"
KEY = "a-key-of-the-tests"


def connect_model(console: httpx2.Client, url: str) -> dict[str, Any]:
    """Store credentials for an OpenAI-compatible server and return the `model` of an app's configuration."""
    credentials = {"endpoint_url": url, "api_key": KEY}
    saved = console.post(
        "/workspaces/current/model-providers/openai_api_compatible/credentials", json={"credentials": credentials}
    )
    assert saved.status_code == 201, saved.text
    return {"provider": "openai_api_compatible", "name": MODEL, "mode": "chat", "completion_params": {}}
