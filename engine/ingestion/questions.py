"""Questions and answers from a document: its rows where it is a table of two columns, else what a model makes of it."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

from engine.ingestion.document import Extract
from engine.ingestion.formats import CSV
from engine.ingestion.passages import Passage
from engine.ingestion.tables import table_rows
from engine.ingestion.unreadable import UnreadableDocument
from engine.providers.builtin import PROVIDER
from engine.providers.events import Text
from engine.providers.messages import ChatMessage, SystemMessage, UserMessage
from engine.providers.model import ChatModel

AT_ONCE = 4

_TASK = (
    "Write questions that the user's text answers, with their answers, so that together they hold everything that"
    " the text says. Each question must be understood without the text, and each answer must be complete. Use the"
    " language {language}. Reply in this form and with nothing else:\nQ1: question\nA1: answer\nQ2: question"
    "\nA2: answer"
)
_PAIR = re.compile(
    r"^[\s*#>-]*Q\d*\s*[:：.][\s*]*(.+?)\s*^[\s*#>-]*A\d*\s*[:：.][\s*]*(.+?)\s*(?=^[\s*#>-]*Q\d*\s*[:：.]|\Z)",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_PARAMETERS = {"temperature": 0}


def read_rows(extract: Extract) -> list[Passage] | None:
    """Returns a pair for each row after the heading of a table of two columns, as CSV files give it; None for other
    documents.
    """
    if extract.kind != CSV:
        return None
    rows = table_rows(extract.text)
    if not rows or max(map(len, rows)) != 2:
        return None
    return [Passage(question, answer=answer) for question, answer in rows[1:] if question and answer]


async def make_questions(model: ChatModel, passages: Sequence[Passage], language: str) -> list[Passage]:
    """Returns questions with their answers that a model makes of passages, in the order of these.

    Raises:
        UnreadableDocument: the model is the built-in one, which cannot write.
        ApiError: the model's provider refused, failed, or was not understood.
    """
    if model.provider == PROVIDER:
        raise UnreadableDocument(
            "Questions and answers are written by a model, and none is connected. Connect one under Model Providers,"
            " or upload a CSV file with a column of questions and a column of answers."
        )
    places = asyncio.Semaphore(AT_ONCE)

    async def of(passage: Passage) -> list[Passage]:
        async with places:
            reply = await _ask(model, passage.content, language)
        return [
            Passage(question, passage.page, passage.headings, answer=answer) for question, answer in read_pairs(reply)
        ]

    async with _first_failure() as group:
        tasks = [group.create_task(of(passage)) for passage in passages]
    return [pair for task in tasks for pair in task.result()]


def read_pairs(reply: str) -> list[tuple[str, str]]:
    """Returns the questions and answers in a model's reply (`Q1: … A1: …`)."""
    return [(" ".join(question.split()), answer.strip()) for question, answer in _PAIR.findall(reply)]


async def _ask(model: ChatModel, text: str, language: str) -> str:
    asked: list[ChatMessage] = [SystemMessage(_TASK.format(language=language)), UserMessage(text)]
    said: list[str] = []
    async with aclosing(cast("Any", model.stream(asked, _PARAMETERS))) as events:
        async for event in events:
            if isinstance(event, Text):
                said.append(event.text)
    return "".join(said)


class _first_failure(asyncio.TaskGroup):  # noqa: N801 - used as a context manager
    """A task group that raises the first failure itself, not a group of failures."""

    async def __aexit__(self, *details: Any) -> None:
        try:
            await super().__aexit__(*details)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
