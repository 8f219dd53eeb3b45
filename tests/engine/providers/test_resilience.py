"""The reader against llmock, a provider written by others, which also judges its client."""

from __future__ import annotations

from typing import Any

import pytest

from engine.providers.events import End, ModelEvent, Text, ToolCall
from engine.providers.messages import Tool, UserMessage
from engine.providers.outbound import Timeouts
from engine.providers.retry import RetryPolicy
from foundation.errors import ApiError
from tests.engine.providers.peer import chat_model

ASK = [UserMessage("tell me a long story about a lighthouse")]
PATIENCE = Timeouts(connect=20, first=30, stall=3, tail=1)
RETRIES = RetryPolicy(attempts=3, first_wait=0.2, longest_wait=5)
WEATHER = Tool("get_weather", "Get the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


async def ask(llmock: Any, **more: Any) -> list[ModelEvent]:
    async with chat_model(llmock.base_url("openai"), timeouts=PATIENCE, retries=RETRIES) as model:
        return [event async for event in model.stream(ASK, {}, **more)]


async def test_an_answer_comes_with_usage(llmock: Any) -> None:
    llmock.reply("The lamp turns all night.")
    events = await ask(llmock)
    assert "".join(event.text for event in events if isinstance(event, Text)) == "The lamp turns all night."
    last = events[-1]
    assert isinstance(last, End)
    assert last.usage.completion_tokens > 0
    assert not last.usage.estimated


async def test_rate_limits_and_outages_are_survived(llmock: Any) -> None:
    llmock.rate_limit(times=1, retry_after=1).fail(503, times=1)
    assert isinstance((await ask(llmock))[-1], End)
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("truncate", "answer_truncated"),
        ("disconnect", "provider_unreachable"),
        ("corrupt", "provider_malformed_answer"),
        ("stall", "provider_timeout"),
    ],
)
async def test_a_stream_that_breaks_is_never_taken_for_an_answer(llmock: Any, fault: str, reason: str) -> None:
    getattr(llmock, fault)(after_chunks=3)
    with pytest.raises(ApiError) as caught:
        await ask(llmock)
    assert caught.value.code == "completion_request_error"
    assert caught.value.reason == reason
    assert len(llmock.requests) == 1


@pytest.mark.parametrize("fault", ["truncate", "disconnect", "corrupt"])
async def test_a_stream_that_breaks_before_its_first_word_is_tried_again(llmock: Any, fault: str) -> None:
    getattr(llmock, fault)(after_chunks=1)
    assert isinstance((await ask(llmock))[-1], End)
    llmock.assert_resilient()


@pytest.mark.parametrize(("status", "code"), [(401, "completion_request_error"), (404, "model_currently_not_support")])
async def test_what_cannot_succeed_is_not_repeated(llmock: Any, status: int, code: str) -> None:
    llmock.fail(status)
    with pytest.raises(ApiError) as caught:
        await ask(llmock)
    assert caught.value.code == code
    llmock.assert_resilient()


async def test_a_prompt_that_is_too_long_is_told(llmock: Any) -> None:
    llmock.context_overflow()
    with pytest.raises(ApiError) as caught:
        await ask(llmock)
    assert caught.value.reason == "context_length_exceeded"


async def test_a_tool_call_arrives_whole(llmock: Any) -> None:
    llmock.call_tool("get_weather", {"city": "Paris"})
    events = await ask(llmock, tools=[WEATHER])
    calls = [event for event in events if isinstance(event, ToolCall)]
    assert [(call.name, call.arguments.replace(" ", "")) for call in calls] == [("get_weather", '{"city":"Paris"}')]


async def test_malformed_tool_arguments_are_passed_on_as_they_are(llmock: Any) -> None:
    llmock.call_tool("get_weather", {"city": "Paris"}).break_tool_call("malformed_arguments")
    events = await ask(llmock, tools=[WEATHER])
    assert any(isinstance(event, ToolCall) for event in events)
