"""`parley demo`: what it prints is what a newcomer can paste."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.program import OWNER, ROOT, Program, free_port


def demo(home: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demonstration against a server."""
    return subprocess.run(
        [sys.executable, "-m", "parley", "demo", "--url", url, *arguments],
        cwd=ROOT,
        env={**os.environ, "PARLEY_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@pytest.mark.timeout(500)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the printed lines need curl")
def test_every_printed_line_works_when_it_is_pasted(program: Program, tmp_path: Path) -> None:
    done = demo(tmp_path / "home of $ada", program.url, "--email", OWNER["email"], "--password", OWNER["password"])
    assert done.returncode == 0, done.stdout + done.stderr
    for source in ("warranty.pdf", "returns.docx", "shipping.md"):
        assert source in done.stdout
    printed = done.stdout.splitlines()
    typed = [line for line in printed if line.startswith("curl ") or line.split("=")[0].isupper()]
    assert len([line for line in typed if line.startswith("curl ")]) == 12
    script = "\n".join(["set -e", *(line.replace("curl ", "curl --fail-with-body ", 1) for line in typed)])
    pasted = subprocess.run(
        ["bash"], input=script, capture_output=True, text=True, cwd=tmp_path, timeout=200, check=False
    )
    assert pasted.returncode == 0, pasted.stdout + pasted.stderr
    assert pasted.stdout.count('"event":"message_end"') == 2


def test_another_owner_is_asked_for_credentials(program: Program, tmp_path: Path) -> None:
    done = demo(tmp_path, program.url, "--email", OWNER["email"], "--password", "of somebody else")
    assert done.returncode == 1
    assert "Say who you are" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from parley import demo as demonstration

    monkeypatch.setattr(demonstration, "START_SECONDS", 0.5)
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SystemExit, match=f"Nothing serves at {url}"):
        demonstration.run(url, "ada@example.com", "analytical engine", "?", tmp_path)
