"""An answer is cut into sentences as it grows."""

import asyncio
import base64
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from foundation.errors import ApiError
from models.workflow_run import WorkflowRun
from workers.narration import Narration, Sentences, narration


class Reader:
    """A model that gives what it reads as sound; it breaks off at what is not fit to be read."""

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        yield text.encode()
        if "unfit" in text:
            raise ApiError("completion_request_error", "The model did not answer.")


def reading(said: str = "") -> tuple[Narration, list[str]]:
    heard: list[str] = []
    reader = Narration(Reader(), "nova", lambda sound: heard.append(base64.b64decode(sound).decode()), said)  # type: ignore[arg-type]
    return reader, heard


def test_sentences_leave_when_they_are_whole() -> None:
    sentences = Sentences()
    assert sentences.feed("The warranty lasts thirty") == []
    assert sentences.feed(" months. It costs 3.50 euros") == ["The warranty lasts thirty months."]
    assert sentences.rest() == "It costs 3.50 euros"
    assert sentences.rest() == ""


def test_short_sentences_go_with_the_next_one() -> None:
    assert Sentences().feed("Yes. Of course. And more") == ["Yes. Of course."]


async def began(heard: list[str]) -> None:
    while not heard:  # noqa: ASYNC110 - the reader tells nobody
        await asyncio.sleep(0)


async def test_a_text_that_takes_the_place_of_another_is_not_read_twice() -> None:
    reader, heard = reading()
    reader.add("The warranty lasts thirty months. It does not cover")
    await asyncio.wait_for(began(heard), 15)
    reader.restart("The warranty lasts thirty months. It covers the lid.")
    await reader.finish()
    assert heard == ["The warranty lasts thirty months.", "It covers the lid."]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("One moment please. Here it is.", ["Here it is."]),
        ("I would rather not say.", ["I would rather not say."]),
        ("One moment please.", []),
    ],
)
async def test_what_was_read_before_a_pause_is_not_read_again(text: str, read: list[str]) -> None:
    reader, heard = reading("One moment  please. ")
    reader.restart(text)
    await reader.finish()
    assert heard == read


async def test_an_abandoned_reader_is_not_waited_for() -> None:
    reader, heard = reading()
    reader.add("The warranty lasts thirty months. ")
    reader.abandon()
    await reader.finish()
    assert heard == []


async def test_a_sentence_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    reader, heard = reading()
    reader.add("It lasts thirty months. This one is unfit. So is this unfit one. It covers the lid.")
    reader.add(" An unfit one again. The end has come.")
    await reader.finish()
    assert heard == ["It lasts thirty months.", "It covers the lid.", "The end has come."]
    told = [record.getMessage() for record in caplog.records if record.name == "workers.narration"]
    assert len(told) == 3
    assert all("cannot be read aloud" in line and "The model did not answer." in line for line in told)


async def test_nothing_more_is_read_where_sentence_after_sentence_cannot_be() -> None:
    reader, heard = reading()
    reader.add("It lasts thirty months. One is unfit. Two are unfit. Three are unfit. It covers the lid. ")
    await reader.finish()
    assert heard == ["It lasts thirty months."]


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ({"enabled": True, "autoPlay": "enabled"}, True),
        ({"enabled": True, "autoPlay": "disabled"}, False),
        ({"enabled": True}, False),
        ({"enabled": False, "autoPlay": "enabled"}, False),
        (None, False),
        ("enabled", False),
    ],
)
async def test_a_run_is_read_where_its_app_reads_by_itself(setting: Any, read: bool) -> None:
    models = SimpleNamespace(audio=lambda available, kind: Reader())
    process: Any = SimpleNamespace(models=models)
    available: Any = object()
    run = WorkflowRun(app_id="an app", features={"text_to_speech": setting})
    reader = narration(process, run, available, lambda sound: None)
    assert (reader is not None) is read
    assert narration(process, run, None, lambda sound: None) is None
    if reader is not None:
        reader.abandon()
        await reader.finish()
