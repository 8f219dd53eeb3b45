"""The built-in embedder, opened once."""

from collections.abc import Iterator

import pytest

from engine.embedding.builtin import BuiltinEmbedders


@pytest.fixture(scope="session")
def embedders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltinEmbedders]:
    made = BuiltinEmbedders(tmp_path_factory.mktemp("models"))
    yield made
    made.close()
