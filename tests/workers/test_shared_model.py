"""The sentence model that an indexing worker and its children share."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from engine.embedding import minilm
from engine.embedding.minilm import MiniLM
from workers import shared_model


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin without a model."""
    monkeypatch.setattr(shared_model, "_opened", [])


def test_the_model_is_not_opened_before_a_job_has_built_its_graph(tmp_path: Path) -> None:
    shared_model.load(tmp_path)
    assert shared_model.loaded() is None
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MiniLM.open(tmp_path)
    monkeypatch.setattr(minilm, "PACKAGE", "a-package-that-nobody-installed")
    shared_model.load(tmp_path)
    assert shared_model.loaded() is None


def test_a_forked_child_embeds_with_its_parents_model(tmp_path: Path) -> None:
    MiniLM.open(tmp_path)
    shared_model.load(tmp_path)
    model = shared_model.loaded()
    assert model is not None
    shared_model.load(tmp_path)
    assert shared_model.loaded() is model
    expected = model.embed(["the pumps need oil"])
    forking = multiprocessing.get_context("fork")
    here, there = forking.Pipe()
    child = forking.Process(target=_embed, args=(there, "the pumps need oil"))
    child.start()
    try:
        assert here.poll(30)
        assert np.allclose(here.recv(), expected)
    finally:
        child.kill()
        child.join()


def _embed(answer: Connection, text: str) -> None:
    model = shared_model.loaded()
    assert model is not None
    answer.send(model.embed([text]))
