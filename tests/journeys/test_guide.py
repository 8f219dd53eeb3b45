"""docs/guide.md: its blocks, pasted one after the other into a shell, do the job on an empty server."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.program import ROOT, running

INDEXED = "until {} | grep -q '\"completed\"'; do sleep 0.2; done"


@pytest.mark.timeout(400)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide uses curl")
def test_the_guide_works_when_it_is_pasted(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guide.md").read_text()
    steps, beside, _ = re.split(r"(\n## Beside the answer\n.*?)(?=\n## |\Z)", guide, maxsplit=1, flags=re.DOTALL)
    blocks = re.findall(r"```sh\n(.*?)```", steps + beside, re.DOTALL)
    with running(tmp_path, PARLEY_OWNER_EMAIL="", PARLEY_OWNER_PASSWORD="") as program:
        assert "API=http://127.0.0.1:5001\n" in blocks[0]
        blocks[0] = blocks[0].replace("http://127.0.0.1:5001", program.url)
        lines = [
            INDEXED.format(block.strip()) if "/indexing-status" in block else block.replace("curl ", "curl -f ")
            for block in blocks
        ]
        script = "\n".join(["set -e -o pipefail", *lines])
        pasted = subprocess.run(
            ["bash"], input=script, capture_output=True, text=True, cwd=tmp_path, timeout=250, check=False
        )
    assert pasted.returncode == 0, pasted.stdout + pasted.stderr
    assert "thirty months" in pasted.stdout
    assert '"event":"message_end"' in pasted.stdout
    assert "warranty.md" in pasted.stdout
