"""What the tests of nodes have: files, and a node that runs alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.workflow import make_file
from tests.engine.workflow.graphs import Watched, graph, run, services, start


async def alone(shape: dict[str, Any], inputs: Mapping[str, Any] | None = None, **given: Any) -> Watched:
    """Runs a node between a start and an answer that shows nothing of it."""
    serving = given.pop("serving", None) or services()
    edges = [f"start > {shape['id']}"]
    return await run(graph([start(), shape], edges), inputs, serving=serving, **given)


class FakeFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[tuple[bytes, str, str]] = []

    async def path(self, file: Mapping[str, Any]) -> Path:
        return self.folder / str(file["filename"])

    async def picture(self, file: Mapping[str, Any]) -> str:
        return f"data:{file['filename']}"

    async def keep(self, content: bytes, name: str, mime_type: str) -> dict[str, Any]:
        self.kept.append((content, name, mime_type))
        return make_file(id=name, filename=name, mime_type=mime_type, size=len(content), type="custom")


TEXT_FILE = make_file(id="1", filename="a.txt", type="document", extension=".txt", mime_type="text/plain", size=10)
PICTURE = make_file(id="2", filename="p.png", type="image", extension=".png", mime_type="image/png", size=20)
