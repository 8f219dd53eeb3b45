"""The reader against exact frames: what a well-behaved, a sloppy and a broken endpoint sends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from engine.providers.events import End, ModelEvent, Reasoning, Text, ToolCall
from engine.providers.messages import AssistantMessage, SystemMessage, Tool, ToolMessage, UserMessage
from engine.providers.openai_chat import OpenAIChat
from foundation.errors import ApiError
from tests.engine.providers.peer import (
    DONE,
    HASTE,
    PATIENCE,
    STOP,
    USAGE,
    Answer,
    chat_model,
    chunk,
    peer,
    refusal,
    text,
)

ASK = [UserMessage("hello")]


async def read(model: OpenAIChat, messages: Any = ASK, tools: Any = (), **parameters: Any) -> list[ModelEvent]:
    return [event async for event in model.stream(messages, parameters, tools)]


def answer(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def end(events: list[ModelEvent]) -> End:
    assert isinstance(events[-1], End)
    return events[-1]


async def test_an_answer_is_read_piece_by_piece_with_its_usage() -> None:
    async with (
        peer(Answer(text("Hel"), text("lo"), STOP, USAGE, DONE)) as served,
        chat_model(served.url) as model,
    ):
        events = await read(model, temperature=0.5, stop=[], top_p=None)
    assert events[:2] == [Text("Hel"), Text("lo")]
    assert (end(events).usage.prompt_tokens, end(events).usage.completion_tokens) == (7, 2)
    assert not end(events).usage.estimated
    assert served.asked[0]["stream_options"] == {"include_usage": True}
    assert served.asked[0]["temperature"] == 0.5
    assert "stop" not in served.asked[0]
    assert served.headers[0]["Authorization"] == "Bearer sk-secret-123456"


@pytest.mark.parametrize(
    "stream",
    [
        text("Hello").replace(b"\n", b"\r\n") + STOP.replace(b"\n", b"\r\n") + DONE.replace(b"\n", b"\r\n"),
        text("Hello").replace(b"\n", b"\r") + STOP.replace(b"\n", b"\r") + DONE,
        b"\xef\xbb\xbf: keep-alive\n\n" + text("Hello").replace(b"data: ", b"data:") + STOP + DONE,
        b"event: message\nid: 1\nretry: 5\n" + text("Hello") + STOP,
        text("Hello").replace(b',"choices"', b',\ndata: "choices"') + STOP + DONE,
        text("Hello") + STOP.rstrip(b"\n"),
    ],
    ids=[
        "crlf",
        "cr",
        "bom-comment-no-space",
        "other-fields-no-done",
        "two-data-lines",
        "no-last-blank-line",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_every_framing_that_the_standard_allows_is_read(stream: bytes, size: int) -> None:
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    async with peer(Answer(*pieces)) as served, chat_model(served.url) as model:
        events = await read(model)
    assert answer(events) == "Hello"


async def test_characters_cut_between_two_packets_arrive_whole() -> None:
    frame = chunk({"content": "退款政策"})
    pieces: list[bytes | float] = []
    for start in range(0, len(frame), 5):
        pieces += [frame[start : start + 5], 0.001]
    async with peer(Answer(*pieces, STOP, DONE)) as served, chat_model(served.url) as model:
        assert answer(await read(model)) == "退款政策"


async def test_frames_without_choices_are_passed_over() -> None:
    filters = b'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n'
    async with peer(Answer(filters, text("Hi"), STOP, DONE)) as served, chat_model(served.url) as model:
        events = await read(model)
    assert answer(events) == "Hi"
    assert end(events).usage.estimated


async def test_reasoning_is_told_apart_from_the_answer() -> None:
    thought = chunk({"reasoning_content": "Let me see.", "content": None})
    async with peer(Answer(thought, text("42"), STOP, DONE)) as served, chat_model(served.url) as model:
        events = await read(model)
    assert events[:2] == [Reasoning("Let me see."), Text("42")]


async def test_a_stream_without_a_finish_reason_is_an_error() -> None:
    async with peer(Answer(text("Half an"))) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.code == "completion_request_error"
    assert caught.value.reason == "answer_truncated"
    assert len(served.asked) == 1


async def test_nothing_is_repeated_once_a_piece_was_passed_on() -> None:
    script = [Answer(text("Half"), 0.05, drop=True), Answer(text("Whole"), STOP, DONE)]
    async with peer(*script) as served, chat_model(served.url) as model:
        stream = model.stream(ASK, {})
        seen = [await anext(stream)]
        with pytest.raises(ApiError) as caught:
            await anext(stream)
    assert seen == [Text("Half")]
    assert caught.value.reason == "provider_unreachable"
    assert len(served.asked) == 1


async def test_a_connection_lost_before_the_first_piece_is_tried_again() -> None:
    script = [Answer(drop=True), Answer(text("Whole"), STOP, DONE)]
    async with peer(*script) as served, chat_model(served.url) as model:
        assert answer(await read(model)) == "Whole"
    assert len(served.asked) == 2


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (
            b'data: {"error":{"message":"The server is on fire","type":"server_error"}}\n\n',
            "completion_request_error",
        ),
        (b'data: {"object":"error","message":"Too many","code":429}\n\n', "rate_limit_error"),
        (b'event: error\ndata: {"message":"You exceeded your current quota"}\n\n', "provider_quota_exceeded"),
        (b"event: error\ndata: overloaded\n\n", "completion_request_error"),
        (chunk(finish="error", error={"message": "upstream failed"}), "completion_request_error"),
    ],
)
async def test_an_error_frame_ends_the_answer(frame: bytes, code: str) -> None:
    async with peer(Answer(text("a"), frame, STOP, DONE)) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.code == code


@pytest.mark.parametrize("frame", [b'data: {"choices":[{"delta"\n\n', b"data: 12\n\n", b'data: {"choices":[7]}\n\n'])
async def test_a_malformed_piece_is_a_clear_error(frame: bytes) -> None:
    async with peer(Answer(text("a"), frame, STOP, DONE)) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.reason == "provider_malformed_answer"


async def test_stream_options_are_left_out_for_a_server_that_rejects_them_and_never_tried_again() -> None:
    good = Answer(text("ok"), STOP, DONE)
    no = refusal(400, "Unrecognized request argument supplied: stream_options")
    async with peer(no, good) as served, chat_model(served.url) as model:
        assert answer(await read(model)) == "ok"
        assert answer(await read(model)) == "ok"
    assert ["stream_options" in body for body in served.asked] == [True, False, False]


async def test_a_model_that_wants_max_completion_tokens_gets_them() -> None:
    no = refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    async with peer(no, Answer(text("ok"), STOP, DONE)) as served, chat_model(served.url) as model:
        assert answer(await read(model, max_tokens=9)) == "ok"
    assert served.asked[1]["max_completion_tokens"] == 9
    assert "max_tokens" not in served.asked[1]


async def test_tool_calls_come_whole_with_what_the_provider_wants_back() -> None:
    signature = {"google": {"thought_signature": "abc"}}
    first = {"index": 0, "id": "call_a", "type": "function", "extra_content": signature}
    frames = [
        chunk({"tool_calls": [{**first, "function": {"name": "weather", "arguments": ""}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"Paris"}'}}]}),
        chunk(finish="tool_calls"),
        DONE,
    ]
    tools = [Tool("weather", "Tells the weather.")]
    async with (
        peer(Answer(*frames), Answer(text("21"), STOP, DONE)) as served,
        chat_model(served.url) as model,
    ):
        events = await read(model, tools=tools)
        call = events[0]
        assert isinstance(call, ToolCall)
        assert (call.id, call.name, call.arguments) == ("call_a", "weather", '{"city":"Paris"}')
        assert end(events).finish_reason == "tool_calls"
        history = [
            SystemMessage("Be brief."),
            *ASK,
            AssistantMessage("", (call,)),
            ToolMessage("call_a", "21C"),
        ]
        await read(model, history, tools)
    echoed = served.asked[1]["messages"][2]["tool_calls"][0]
    assert echoed["extra_content"] == signature
    assert echoed["function"] == {"name": "weather", "arguments": '{"city":"Paris"}'}


async def test_whole_tool_calls_that_share_index_zero_stay_apart() -> None:
    def call(name: str) -> dict[str, Any]:
        return {"index": 0, "id": f"id-{name}", "function": {"name": name, "arguments": "{}"}}

    frames = [
        chunk({"tool_calls": [call("a")]}),
        chunk({"tool_calls": [call("b")]}),
        chunk(finish="stop"),
        DONE,
    ]
    async with peer(Answer(*frames)) as served, chat_model(served.url) as model:
        events = await read(model)
    assert [event.name for event in events if isinstance(event, ToolCall)] == ["a", "b"]


async def test_a_server_that_does_not_stream_is_understood() -> None:
    body = {
        "choices": [{"message": {"content": "All at once"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3},
    }
    whole = Answer(orjson.dumps(body), headers={"Content-Type": "application/json"})
    async with peer(whole) as served, chat_model(served.url) as model:
        events = await read(model)
    assert answer(events) == "All at once"
    assert end(events).usage.prompt_tokens == 3


async def test_a_server_that_never_begins_ends_in_a_timeout() -> None:
    async with peer(Answer(5.0)) as served, chat_model(served.url, timeouts=HASTE) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.reason == "provider_timeout"


async def test_an_answer_that_stalls_ends_in_a_timeout() -> None:
    async with peer(Answer(text("a"), 90.0)) as served, chat_model(served.url, timeouts=HASTE) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
        await asyncio.wait_for(served.left.wait(), 20)
    assert caught.value.reason == "provider_timeout"
    assert "0.4 s" in caught.value.message


async def test_a_consumer_that_is_slow_is_not_taken_for_a_provider_that_stalls() -> None:
    async with (
        peer(Answer(text("a"), text("b"), STOP, DONE)) as served,
        chat_model(served.url, timeouts=replace(PATIENCE, stall=1.0)) as model,
    ):
        pieces = []
        async for event in model.stream(ASK, {}):
            pieces.append(event)
            await asyncio.sleep(1.2)
    assert answer(pieces) == "ab"


async def test_a_server_that_forgets_to_close_does_not_hold_the_end() -> None:
    async with peer(Answer(text("a"), STOP, 5.0)) as served, chat_model(served.url) as model:
        assert answer(await read(model)) == "a"


async def test_leaving_early_closes_the_connection_at_once() -> None:
    async with peer(Answer(text("a"), *([0.05, text("b")] * 2_000))) as served, chat_model(served.url) as model:
        stream = model.stream(ASK, {})
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.wait_for(served.left.wait(), 20)


async def test_cancelling_the_reader_closes_the_connection_at_once() -> None:
    async with peer(Answer(text("a"), 90.0)) as served, chat_model(served.url) as model:
        task = asyncio.create_task(read(model))
        await served.asked_once()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(served.left.wait(), 20)


async def test_connections_are_used_again() -> None:
    async with peer(Answer(text("a"), STOP, USAGE, DONE)) as served, chat_model(served.url) as model:
        for _ in range(5):
            await read(model)
    assert len(served.connections) == 1


async def test_retry_after_is_honoured() -> None:
    script = [refusal(429, "slow down", **{"Retry-After": "1"}), Answer(text("ok"), STOP, DONE)]
    async with peer(*script) as served, chat_model(served.url) as model:
        started = asyncio.get_running_loop().time()
        assert answer(await read(model)) == "ok"
    assert asyncio.get_running_loop().time() - started >= 1


async def test_a_retry_after_beyond_our_patience_is_passed_on() -> None:
    async with (
        peer(refusal(429, "slow down", **{"Retry-After": "90"})) as served,
        chat_model(served.url) as model,
    ):
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.code == "rate_limit_error"
    assert caught.value.headers == {"Retry-After": "90"}
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (401, "Incorrect API key provided: sk-secret-123456", "completion_request_error"),
        (403, "no access", "completion_request_error"),
        (402, "pay first", "provider_quota_exceeded"),
        (429, "You exceeded your current quota, please check your plan", "provider_quota_exceeded"),
        (404, "The model `x` does not exist", "model_currently_not_support"),
        (400, "bad temperature", "completion_request_error"),
        (301, "", "completion_request_error"),
    ],
)
async def test_a_refusal_is_not_repeated_and_never_shows_the_key(status: int, message: str, code: str) -> None:
    async with peer(refusal(status, message)) as served, chat_model(served.url) as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.code == code
    assert "sk-secret" not in caught.value.message
    assert "gpt-4o-mini" in caught.value.message
    assert len(served.asked) == 1


async def test_an_endpoint_that_is_not_there_is_a_clear_error() -> None:
    async with chat_model("http://127.0.0.1:9/v1") as model:
        with pytest.raises(ApiError) as caught:
            await read(model)
    assert caught.value.reason == "provider_unreachable"
