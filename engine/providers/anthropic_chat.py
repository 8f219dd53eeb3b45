"""Chat models of Anthropic, through its SDK, which is imported when the first of them is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import httpx2

from engine.providers.anthropic_wire import request
from engine.providers.events import End, ModelEvent, Reasoning, Text, ToolCall, Usage
from engine.providers.failure import ProviderFailure, broke, redact, refused
from engine.providers.messages import ChatMessage, Grounding, Tool
from engine.providers.outbound import ProviderHttp
from engine.providers.pricing import Charge, price
from engine.providers.retry import RetryPolicy, with_retries
from engine.providers.tokens import estimate_usage
from foundation.telemetry import traced

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


class AnthropicChat:
    """A chat model of Anthropic, or of anything that speaks its Messages API."""

    provider = "anthropic"
    calls_tools = True

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str = "",
        *,
        context_size: int = 0,
        http: ProviderHttp | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.model = model
        self.context_size = context_size
        self._key = api_key
        self._base_url = base_url
        self._http = http or ProviderHttp()
        self._retries = retries or RetryPolicy()
        self._client: AsyncAnthropic | None = None

    def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Tool] = (),
        context: Grounding | None = None,
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answers `messages`; see `ChatModel.stream`."""
        asked = request(self.model, messages, parameters, tools)

        async def attempt() -> AsyncGenerator[ModelEvent, None]:
            answer = _Answer()
            async with aclosing(self._events(asked)) as events:
                async for event in events:
                    said = answer.take(event)
                    if said is not None:
                        yield said
            for said in answer.finish(estimate_usage(messages, "".join(answer.written), tools)):
                yield said

        return with_retries(attempt, self._retries, self.provider, self.model)

    def price(self, usage: Usage) -> Charge:
        """Returns what a call with `usage` costs; see `ChatModel.price`."""
        return price(self.provider, self.model, usage)

    async def aclose(self) -> None:
        """Ends the connections."""
        if self._client is not None:
            await self._client.close()

    async def _events(self, asked: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """Yields the SDK's events; whatever the SDK and its HTTP client raise becomes a ProviderFailure."""
        import anthropic

        client = await self._connected()
        stream: Any = None
        try:
            stream = await client.messages.create(**asked, extra_headers=traced())
            async for event in stream:
                yield event
        except anthropic.APIStatusError as error:
            if stream is not None or error.status_code < 400:
                raise broke(error.body, self._key) from error
            raise refused(error.status_code, error.response.headers, error.response.text, self._key) from error
        except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
            message = f"no data for {self._http.timeouts.stall:g} s"
            raise ProviderFailure("timeout", message) from error
        except (json.JSONDecodeError, anthropic.APIResponseValidationError) as error:
            message = "the answer contains a piece that is not valid"
            raise ProviderFailure("malformed", message, retryable=True) from error
        except (anthropic.APIError, httpx2.TransportError, OSError) as error:
            said = redact(str(error) or type(error).__name__, self._key)
            raise ProviderFailure("connection", f"the connection failed ({said})", retryable=True) from error
        finally:
            if stream is not None:
                await stream.close()

    async def _connected(self) -> AsyncAnthropic:
        """Returns the client; the first import of the SDK takes a second, so it is done off the loop."""
        if self._client is None:
            anthropic = await asyncio.to_thread(__import__, "anthropic")
            wait = httpx2.Timeout(self._http.timeouts.stall, connect=self._http.timeouts.connect)
            where = {"base_url": self._base_url} if self._base_url else {}
            self._client = anthropic.AsyncAnthropic(
                api_key=self._key, max_retries=0, timeout=wait, http_client=self._http.sdk_client(), **where
            )
        return self._client


class _Answer:
    """Gathers the events of one answer."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._finish: str | None = None
        self._usage: dict[str, int] = {}
        self._blocks: dict[int, dict[str, Any]] = {}

    def take(self, event: Any) -> ModelEvent | None:
        """Returns what an event says, if it says something now."""
        match event.type:
            case "message_start":
                self._count(event.message.usage)
            case "content_block_start":
                block = event.content_block
                self._blocks[event.index] = {**block.model_dump(exclude_none=True), "written": []}
            case "content_block_delta":
                return self._delta(self._blocks.setdefault(event.index, {"written": []}), event.delta)
            case "message_delta":
                self._finish = event.delta.stop_reason or self._finish
                self._count(event.usage)
            case "error":
                raise broke({"error": getattr(event, "error", None)})
        return None

    def finish(self, fallback: Usage) -> list[ModelEvent]:
        """Returns the tool calls and the End.

        Raises:
            ProviderFailure: the stream ended without a stop reason.
        """
        if self._finish is None:
            message = "the answer ended before it was complete (no stop reason)"
            raise ProviderFailure("truncated", message, retryable=True)
        said: list[ModelEvent] = []
        echo: list[Mapping[str, Any]] = []
        for block in self._blocks.values():
            if block.get("type") == "tool_use":
                given = "".join(block["written"]) or json.dumps(block.get("input") or {})
                said.append(ToolCall(block["id"], block["name"], given))
            elif block.get("type") == "thinking":
                signed = {"signature": block.get("signature", "")}
                echo.append({"type": "thinking", "thinking": "".join(block["written"]), **signed})
            elif block.get("type") == "redacted_thinking":
                echo.append({"type": "redacted_thinking", "data": block["data"]})
        said.append(End(self._counted() or fallback, _FINISH.get(self._finish, self._finish), tuple(echo)))
        return said

    def _delta(self, block: dict[str, Any], delta: Any) -> ModelEvent | None:
        match delta.type:
            case "text_delta":
                self.written.append(delta.text)
                return Text(delta.text) if delta.text else None
            case "thinking_delta":
                block["written"].append(delta.thinking)
                self.written.append(delta.thinking)
                return Reasoning(delta.thinking) if delta.thinking else None
            case "signature_delta":
                block["signature"] = block.get("signature", "") + delta.signature
            case "input_json_delta":
                block["written"].append(delta.partial_json)
                self.written.append(delta.partial_json)
        return None

    def _count(self, usage: Any) -> None:
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        ):
            value = getattr(usage, name, None)
            if value is not None:
                self._usage[name] = value

    def _counted(self) -> Usage | None:
        """Returns the usage; Anthropic counts cached tokens beside the input, we count them within it."""
        cached = self._usage.get("cache_read_input_tokens", 0)
        written = self._usage.get("cache_creation_input_tokens", 0)
        prompt = self._usage.get("input_tokens", 0) + cached + written
        usage = Usage(prompt, self._usage.get("output_tokens", 0), cached, written)
        return usage if usage.total_tokens else None
