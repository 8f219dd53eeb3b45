"""A conversation's name that cannot be had."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from foundation.errors import ApiError
from workers.workflow_naming import find_name


@pytest.mark.parametrize("failure", [ApiError("provider_not_initialize", "None."), RuntimeError("odd")])
async def test_a_name_that_cannot_be_had_holds_nothing_up(failure: Exception) -> None:
    begun: list[Any] = []

    async def chat(*given: Any) -> Any:
        raise failure

    process: Any = SimpleNamespace(
        settings=SimpleNamespace(conversation_names="model"),
        models=SimpleNamespace(chat=chat),
        namer=SimpleNamespace(begin=lambda *given: begun.append(given)),
    )
    run: Any = SimpleNamespace(invoke_from="service-api", conversation_id="c", workspace_id="w")
    background: Any = SimpleNamespace(message=SimpleNamespace(query="Why?"), available=[1])
    await find_name(process, run, background, None, "Why")
    assert begun == []
