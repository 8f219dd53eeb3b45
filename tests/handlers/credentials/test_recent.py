"""What is remembered of credentials, and what is not."""

import asyncio
from collections.abc import Callable

import pytest

from handlers.credentials.recent import RecentAnswers


async def ask(answers: RecentAnswers, answer: str) -> str:
    async def of_the_database() -> str:
        return answer

    return await answers.get("key", of_the_database)


async def test_an_answer_is_remembered_until_it_is_to_be_forgotten() -> None:
    answers = RecentAnswers(lifetime=600)
    assert [await ask(answers, "first"), await ask(answers, "second")] == ["first", "first"]
    answers.forget("key")
    assert await ask(answers, "second") == "second"


@pytest.mark.parametrize("forget", [RecentAnswers.clear, lambda answers: answers.forget("key")])
async def test_an_answer_from_before_a_change_is_not_remembered_after_it(
    forget: Callable[[RecentAnswers], None],
) -> None:
    answers, asked, changed = RecentAnswers(lifetime=600), asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        asked.set()
        await changed.wait()
        return "from before"

    asking = asyncio.create_task(answers.get("key", slowly))
    await asyncio.wait_for(asked.wait(), 20)
    forget(answers)
    changed.set()
    assert await asking == "from before"
    assert await ask(answers, "from after") == "from after"
