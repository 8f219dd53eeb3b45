"""docs/guide/workflows.md: its blocks work when they are pasted, and its picture shows the file beside it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.app_file import read_app_file
from parley.drawing import draw
from tests.journeys.people import PASSWORD, new_owner
from tests.journeys.program import ROOT, Program

GUIDE = ROOT / "docs" / "guide"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide uses curl")
def test_the_guide_works_when_it_is_pasted(program: Program, tmp_path: Path) -> None:
    person = new_owner(program)
    text = (GUIDE / "workflows.md").read_text()
    script = "\n".join(["set -e -o pipefail", *re.findall(r"```sh\n(.*?)```", text, re.DOTALL)])
    assert "API=http://127.0.0.1:5001\n" in script
    script = script.replace("http://127.0.0.1:5001", program.url)
    script = script.replace("ada@example.com", person.email).replace("analytical engine 1843", PASSWORD)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    pasted = subprocess.run(
        ["bash"], input=script, capture_output=True, text=True, cwd=tmp_path, timeout=250, check=False
    )
    said = pasted.stdout
    assert pasted.returncode == 0, said + pasted.stderr
    assert '"field":"nodes.greet.variables.0.value_selector"' in said
    assert '"outputs":{"output":"Dear Ada"}' in said
    assert '"event": "workflow_finished"' in said or '"event":"workflow_finished"' in said
    assert '"version":"v1.0.0"' in said
    assert "Ada, your order comes to 118.80 euros: ten percent off." in said
    assert (tmp_path / "exported.yml").read_text() == (GUIDE / "quote.yml").read_text() + "\n"


def test_the_picture_shows_the_file() -> None:
    read = read_app_file((GUIDE / "quote.yml").read_text())
    assert (GUIDE / "quote.svg").read_text() == draw(read.graph, read.app.name)
