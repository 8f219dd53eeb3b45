"""The type checker refuses a handler that the contract does not know."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAD = "from handlers.call import Call\nfrom handlers.contract import schemas\n\n\n"
HANDLERS = {
    "held_right": "async def get_index(call: Call) -> schemas.ServerIndex:\n"
    '    return {"welcome": "", "api_version": "v1", "server_version": "1"}\n',
    "held_answer": "async def get_index(call: Call) -> schemas.Result:\n    return {'result': 'success'}\n",
    "held_untyped": "async def get_index(call: Call) -> dict[str, object]:\n    return {}\n",
    "held_parameter": "async def retrieve(call: Call, *, dataset_id: int, body: schemas.RetrieveRequest)"
    ' -> schemas.RetrieveAnswer:\n    return {"query": {"content": ""}, "records": []}\n',
    "held_body": "async def retrieve(call: Call, *, dataset_id: str, body: schemas.StopRequest)"
    ' -> schemas.RetrieveAnswer:\n    return {"query": {"content": ""}, "records": []}\n',
    "held_missing": "async def retrieve_all(call: Call) -> None:\n    return None\n",
}
PROTOCOLS = {"get_index": "ServerHandlers", "retrieve": "RetrievalHandlers", "retrieve_all": "RetrievalHandlers"}


@pytest.mark.timeout(300)  # two seconds with the cache that `make lint` fills, half a minute without
def test_a_handler_with_a_wrong_parameter_body_or_answer_is_refused(tmp_path: Path) -> None:
    lines = ["from handlers.contract import service", *(f"import {module}" for module in HANDLERS)]
    for module, text in HANDLERS.items():
        (tmp_path / f"{module}.py").write_text(HEAD + text)
        function = text.split("(")[0].removeprefix("async def ")
        lines.append(f"of_{module}: service.{PROTOCOLS[function]} = {module}")
    held = tmp_path / "held_handlers.py"
    held.write_text("\n".join(lines) + "\n")

    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(held)]
    environment = {**os.environ, "MYPYPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    refused = re.findall(r"held_handlers\.py:(\d+): error: Incompatible types in assignment", run.stdout)
    assert [lines[int(number) - 1].split(" = ")[1] for number in refused] == [m for m in HANDLERS if m != "held_right"]
