"""Files that nodes may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.workflow.nodes.given import FakeFiles


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    (tmp_path / "a.txt").write_text("hello file")
    return FakeFiles(tmp_path)
