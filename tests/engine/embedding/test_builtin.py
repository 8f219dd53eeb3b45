"""The built-in embedder: likeness of meaning in English, of wording in Chinese, and the fall-back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.embedding import minilm
from engine.embedding.builtin import BuiltinEmbedders
from engine.embedding.unified import LEXICAL_MODEL, UNIFIED_MODEL
from foundation.errors import ApiError


@pytest.fixture(scope="module")
def embedders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltinEmbedders]:
    made = BuiltinEmbedders(tmp_path_factory.mktemp("models"))
    yield made
    made.close()


def likeness(vectors: list[list[float]]) -> np.ndarray:
    matrix = np.array(vectors)
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3)
    return matrix @ matrix.T


async def test_english_meets_by_meaning_and_chinese_by_wording(embedders: BuiltinEmbedders) -> None:
    embedder = await embedders.embedder("workspace")
    assert (embedder.model, embedder.dimension) == (UNIFIED_MODEL, 1024)
    texts = ["How do I reset my password?", "I forgot my login secret", "The moon orbits the earth"]
    english = likeness(await embedder.embed(texts))
    assert english[0, 1] > 0.4 > english[0, 2]
    chinese = likeness(await embedder.embed(["怎么重置密码", "密码重置的方法", "月亮围绕地球转"]))
    assert chinese[0, 1] > 0.5 > chinese[0, 2]


async def test_texts_in_two_languages_meet_by_both(embedders: BuiltinEmbedders) -> None:
    embedder = await embedders.embedder("workspace")
    mixed = "重置密码 How do I reset my password?"
    texts = [mixed, "I forgot my login secret", "怎么重置密码", "月亮围绕地球转", "The moon orbits the earth"]
    found = likeness(await embedder.embed(texts))
    assert found[0, 1] > 0.2
    assert found[0, 2] > 0.2
    assert abs(found[0, 3]) < 0.2
    assert abs(found[3, 4]) < 0.2


async def test_the_same_text_has_the_same_vector_in_any_company(embedders: BuiltinEmbedders) -> None:
    embedder = await embedders.embedder("workspace")
    alone = await embedder.embed(["pump oil"])
    together = await embedder.embed(["a much longer text about something else " * 20, "pump oil"])
    assert np.dot(alone[0], together[1]) > 0.999


async def test_another_model_is_refused_by_name(embedders: BuiltinEmbedders) -> None:
    with pytest.raises(ApiError, match="no credentials"):
        await embedders.embedder("workspace", "openai", "text-embedding-3-small")
    with pytest.raises(ApiError, match="indexed with"):
        await embedders.embedder("workspace", "builtin", LEXICAL_MODEL)


async def test_without_the_package_hashed_words_serve_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "a-package-that-nobody-installed")
    embedders = BuiltinEmbedders(tmp_path)
    embedder = await embedders.embedder("workspace")
    assert embedder.model == LEXICAL_MODEL
    vectors = likeness(await embedder.embed(["The pumps need oil", "oil for a pump", "the moon"]))
    assert vectors[0, 1] > 0.5 > vectors[0, 2]
    embedders.close()


async def test_weights_that_are_not_the_pinned_ones_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(minilm.DIGESTS, "model.safetensors", "0" * 64)
    with pytest.raises(minilm.ModelMissing, match="pinned"):
        await asyncio.to_thread(minilm.MiniLM.open, tmp_path)
