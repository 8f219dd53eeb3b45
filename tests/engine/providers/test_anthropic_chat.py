"""Anthropic's protocol: how a conversation is put to it, and what breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from engine.providers.anthropic_chat import AnthropicChat
from engine.providers.anthropic_wire import request
from engine.providers.events import End, ModelEvent, Text, ToolCall
from engine.providers.messages import (
    AssistantMessage,
    ImagePart,
    SystemMessage,
    TextPart,
    Tool,
    ToolMessage,
    UserMessage,
)
from engine.providers.outbound import ProviderHttp, Timeouts
from engine.providers.retry import RetryPolicy
from foundation.errors import ApiError

ASK = [UserMessage("tell me a long story about a lighthouse")]
WEATHER = Tool("get_weather", "Get the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
async def model(llmock: Any) -> AsyncIterator[AnthropicChat]:
    made = AnthropicChat(
        "sk-ant-secret-1",
        "claude-haiku-4-5",
        llmock.base_url("anthropic"),
        http=ProviderHttp(Timeouts(connect=20, stall=3)),
        retries=RetryPolicy(first_wait=0.2, longest_wait=5),
    )
    yield made
    await made.aclose()


async def read(model: AnthropicChat, **more: Any) -> list[ModelEvent]:
    return [event async for event in model.stream(ASK, {}, **more)]


async def test_an_answer_comes_with_usage(llmock: Any, model: AnthropicChat) -> None:
    llmock.reply("The lamp turns.")
    events = await read(model)
    assert "".join(event.text for event in events if isinstance(event, Text)) == "The lamp turns."
    assert isinstance(events[-1], End)
    assert events[-1].finish_reason == "stop"
    assert events[-1].usage.completion_tokens > 0


async def test_a_tool_call_arrives_whole(llmock: Any, model: AnthropicChat) -> None:
    llmock.call_tool("get_weather", {"city": "Paris"})
    events = await read(model, tools=[WEATHER])
    calls = [event for event in events if isinstance(event, ToolCall)]
    assert [(call.name, call.arguments.replace(" ", "")) for call in calls] == [("get_weather", '{"city":"Paris"}')]
    assert isinstance(events[-1], End)
    assert events[-1].finish_reason == "tool_calls"


async def test_rate_limits_and_outages_are_survived(llmock: Any, model: AnthropicChat) -> None:
    llmock.rate_limit(times=1, retry_after=1).fail(529, times=1)
    assert isinstance((await read(model))[-1], End)
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
async def test_a_stream_that_breaks_is_never_taken_for_an_answer(
    llmock: Any, model: AnthropicChat, fault: str, reason: str
) -> None:
    getattr(llmock, fault)(after_chunks=5)
    with pytest.raises(ApiError) as caught:
        await read(model)
    assert caught.value.reason == reason


async def test_a_refused_key_is_told_once_and_not_shown(llmock: Any, model: AnthropicChat) -> None:
    llmock.fail(401, message="invalid x-api-key sk-ant-secret-1")
    with pytest.raises(ApiError) as caught:
        await read(model)
    assert caught.value.reason == "invalid_api_key"
    assert "sk-ant" not in caught.value.message
    assert len(llmock.requests) == 1


def test_a_conversation_alternates_and_its_system_text_stands_apart() -> None:
    call = ToolCall("t1", "get_weather", '{"city":"Paris"}')
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    asked = request(
        "claude-haiku-4-5",
        [
            SystemMessage("Be brief."),
            UserMessage("first"),
            UserMessage((TextPart("second"), ImagePart("data:image/png;base64,AAAA"))),
            AssistantMessage("", (call,), (thought,)),
            ToolMessage("t1", "21C"),
        ],
        {"stop": "END", "temperature": 0.2, "presence_penalty": 1},
        [WEATHER],
    )
    assert asked["system"] == "Be brief."
    assert [turn["role"] for turn in asked["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in asked["messages"][0]["content"]] == ["text", "text", "image"]
    assert asked["messages"][0]["content"][2]["source"] == {
        "type": "base64",
        "media_type": "image/png",
        "data": "AAAA",
    }
    assert asked["messages"][1]["content"][0] == thought
    assert asked["messages"][1]["content"][1]["input"] == {"city": "Paris"}
    assert asked["messages"][2]["content"][0]["tool_use_id"] == "t1"
    assert asked["max_tokens"] > 0
    assert asked["stop_sequences"] == ["END"]
    assert "presence_penalty" not in asked
