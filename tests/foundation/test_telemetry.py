import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.telemetry import LineFile, configure_logging, redact, trace_id


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi123", "abc.def-ghi123"),
        ("key app-Ab12Cd34Ef56Gh78Ij90Kl12 was used", "Ab12Cd34Ef56"),
        ("GET /v1/info?api_key=topsecret&x=1", "topsecret"),
        ('{"password": "hunter22"}', "hunter22"),
        ("postgresql://ada:s3cret@db/parley", "s3cret"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "eyJzdWIi"),
        ("sk-proj-abcdefghijklmnop", "abcdefghijkl"),
    ],
)
def test_secrets_do_not_reach_the_log(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert "[hidden]" in redact(text)


def test_ordinary_words_stay() -> None:
    text = "dataset-1 was indexed in 3 s; see https://example.com:8080/path@2x"
    assert redact(text) == text


def test_a_line_of_the_file_is_one_json_object_with_the_trace(tmp_path: Path) -> None:
    configure_logging("api", tmp_path)
    token = trace_id.set("trace-1")
    try:
        raise ValueError("boom with Bearer abcdefghijkl")
    except ValueError:
        logging.getLogger("parley.test").exception("it failed\nbadly", extra={"status": 500})
    finally:
        trace_id.reset(token)
    entry = json.loads((tmp_path / "api.log").read_text())
    assert entry["process"] == "api"
    assert entry["level"] == "error"
    assert entry["message"] == "it failed\nbadly"
    assert entry["trace_id"] == "trace-1"
    assert entry["status"] == 500
    assert "ValueError" in entry["exception"]
    assert "abcdefghijkl" not in entry["exception"]


def test_hiding_a_secret_keeps_the_line_json(tmp_path: Path) -> None:
    configure_logging("api", tmp_path)
    logging.getLogger("t").info('sent {"password": "hunter22"} to http://h:1/", "a@b', extra={"api_key": "abcdef"})
    line = (tmp_path / "api.log").read_text()
    assert json.loads(line)["api_key"] == "[hidden]"
    assert "hunter22" not in line


def test_a_person_reads_the_same_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("generation-1", None)
    logging.getLogger("parley.test").info("answered in %d ms", 12)
    sys.stderr.flush()
    assert "INFO    generation-1 parley.test: answered in 12 ms" in capsys.readouterr().err


def test_a_full_file_is_rotated_by_the_line_that_comes_next(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "api.log", maxBytes=20, backupCount=2, encoding="utf-8", delay=True)
    for text in ("the first line", "the second", "the third"):
        file.emit(logging.makeLogRecord({"msg": text}))
    file.close()
    assert (tmp_path / "api.log").read_text() == "the third\n"
    assert (tmp_path / "api.log.1").read_text() == "the first line\nthe second\n"


def test_lines_go_into_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "api.log"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = LineFile(pipe, maxBytes=5, backupCount=1, encoding="utf-8", delay=True)
    file.emit(logging.makeLogRecord({"msg": "a line"}))
    file.close()
    assert os.read(reader, 100) == b"a line\n"
    os.close(reader)
