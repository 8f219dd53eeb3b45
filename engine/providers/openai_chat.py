"""Chat models behind any OpenAI-compatible endpoint, read by a streaming reader of our own.

Every token of the product passes here, so the loop does nothing that a token does not need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from engine.providers.events import ModelEvent, Usage
from engine.providers.failure import ProviderFailure, broke, redact, refused
from engine.providers.messages import ChatMessage, Grounding, Tool
from engine.providers.openai_delta import Collector
from engine.providers.openai_wire import request_body
from engine.providers.outbound import ProviderHttp, StallWatch
from engine.providers.pricing import Charge, price
from engine.providers.retry import RetryPolicy, with_retries
from engine.providers.sse import FrameTooLong, SseDecoder
from engine.providers.tokens import estimate_usage
from foundation.telemetry import traced

_LONGEST_BODY = 4 * 1024 * 1024
_LONGEST_REFUSAL = 64 * 1024
_DRAIN_SECONDS = 0.1
_HEADERS = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where chat completions are asked for. `secret` is the key in its headers: kept out of messages."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


class OpenAIChat:
    """A chat model of OpenAI, Azure, Ollama, vLLM, Gemini or anything else that speaks their protocol."""

    def __init__(
        self,
        http: ProviderHttp,
        endpoint: ChatEndpoint,
        provider: str,
        model: str,
        *,
        calls_tools: bool = True,
        context_size: int = 0,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.provider = provider
        self.model = model
        self.calls_tools = calls_tools
        self.context_size = context_size
        self._http = http
        self._endpoint = endpoint
        self._retries = retries or RetryPolicy()

    def stream(
        self,
        messages: Sequence[ChatMessage],
        parameters: Mapping[str, Any],
        tools: Sequence[Tool] = (),
        context: Grounding | None = None,
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answers `messages`; see `ChatModel.stream`."""
        body = request_body(self.model, messages, parameters, tools)
        if self._endpoint.url in self._http.without_stream_options:
            del body["stream_options"]

        def spent(written: str) -> Usage:
            return estimate_usage(messages, written, tools)

        return with_retries(lambda: self._attempt(body, spent), self._retries, self.provider, self.model)

    def price(self, usage: Usage) -> Charge:
        """Returns what a call with `usage` costs; see `ChatModel.price`."""
        return price(self.provider, self.model, usage, self._endpoint.url)

    async def _open(self, body: dict[str, Any]) -> aiohttp.ClientResponse:
        """Sends the request, and at once again where the server wants a parameter in another form."""
        while True:
            try:
                return await self._post(body)
            except ProviderFailure as failure:
                if failure.status not in (400, 422) or not self._adapt(body, failure.body):
                    raise

    def _adapt(self, body: dict[str, Any], said: str) -> bool:
        """Changes `body` to what the server asked for; false where there is nothing to change."""
        if "stream_options" in body and ("stream_options" in said or "include_usage" in said):
            self._http.without_stream_options.add(self._endpoint.url)
            del body["stream_options"]
            return True
        if "max_tokens" in body and "max_completion_tokens" in said and "max_completion_tokens" not in body:
            body["max_completion_tokens"] = body.pop("max_tokens")
            return True
        return False

    async def _post(self, body: dict[str, Any]) -> aiohttp.ClientResponse:
        """Returns the response of a 2xx answer; its body has not been read."""
        headers = {**_HEADERS, **self._endpoint.headers, **traced()}
        try:
            async with asyncio.timeout(self._http.timeouts.first):
                response = await self._http.session().post(
                    self._endpoint.url,
                    params=self._endpoint.query or None,
                    data=orjson.dumps(body),
                    headers=headers,
                    allow_redirects=False,
                    **self._http.way(self._endpoint.url),
                )
                if 200 <= response.status < 300:
                    return response
                async with response:
                    said = (await response.content.read(_LONGEST_REFUSAL)).decode("utf-8", "replace")
        except TimeoutError as error:
            message = f"there was no answer within {self._http.timeouts.first:g} s"
            raise ProviderFailure("timeout", message) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error
        if 300 <= response.status < 400:
            message = "the endpoint redirects; set its final address as the base URL"
            raise ProviderFailure("request", message, status=response.status)
        raise refused(response.status, response.headers, said, self._endpoint.secret)

    async def _attempt(
        self, body: dict[str, Any], estimated: Callable[[str], Usage]
    ) -> AsyncGenerator[ModelEvent, None]:
        """Asks once and yields what is answered.

        Args:
            body: what is asked.
            estimated: tells what an answer took whose provider does not tell it.

        Raises:
            ProviderFailure: the provider refused, or its answer is not complete.
        """
        response = await self._open(body)
        collector = Collector(self._endpoint.secret)
        try:
            if response.content_type == "application/json":
                for event in collector.take_whole(await self._whole(response)):
                    yield event
            else:
                async with aclosing(self._read(response, collector)) as events:
                    async for event in events:
                        yield event
            for event in collector.finish(estimated("".join(collector.written))):
                yield event
        finally:
            response.close()

    async def _read(self, response: aiohttp.ClientResponse, collector: Collector) -> AsyncGenerator[ModelEvent, None]:
        """Yields what the frames of a streamed answer tell, until the provider says that it is done."""
        decoder, content, now = SseDecoder(), response.content, asyncio.get_running_loop().time
        heard = False
        with self._watched(response, collector) as watch:
            while True:
                watch.waiting_since = now()
                chunk = await content.readany()
                watch.waiting_since = None
                for name, data in decoder.feed(chunk) if chunk else decoder.close():
                    if data == b"[DONE]":
                        await _drain(content)
                        return
                    if name == b"error":
                        raise broke(_json(data), self._endpoint.secret)
                    event = collector.take(data)
                    if event is not None:
                        yield event
                if not chunk:
                    return
                if collector.finish_reason is not None:
                    if watch.limit != self._http.timeouts.tail:
                        watch.shorten(self._http.timeouts.tail)
                elif not heard:
                    heard = True
                    watch.shorten(self._http.timeouts.stall)

    @contextmanager
    def _watched(self, response: aiohttp.ClientResponse, collector: Collector) -> Iterator[StallWatch]:
        """Watch a response as long as it is read, and raise a ProviderFailure where it does not hold a whole answer."""
        watch = StallWatch(response, self._http.timeouts.first)
        try:
            yield watch
        except FrameTooLong as error:
            raise ProviderFailure("malformed", "the answer contains a frame without end") from error
        except (aiohttp.ClientError, OSError) as error:
            if collector.finish_reason is None:
                raise self._broken(error, watch) from error
        finally:
            watch.stop()
        if collector.finish_reason is None:
            message = "the answer ended before it was complete (no finish reason)"
            raise ProviderFailure("truncated", message, retryable=True)

    async def _whole(self, response: aiohttp.ClientResponse) -> Any:
        """Returns the JSON of a server that does not stream."""
        try:
            async with asyncio.timeout(self._http.timeouts.first):
                body = b""
                while len(body) <= _LONGEST_BODY and (piece := await response.content.readany()):
                    body += piece
            return orjson.loads(body)
        except TimeoutError as error:
            raise ProviderFailure("timeout", "the answer did not arrive in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error
        except orjson.JSONDecodeError as error:
            raise ProviderFailure("malformed", "the answer is not valid JSON", retryable=True) from error

    def _broken(self, error: Exception, watch: StallWatch) -> ProviderFailure:
        if watch.stalled:
            return ProviderFailure("timeout", f"the answer stopped: no data for {watch.limit:g} s")
        said = redact(str(error) or type(error).__name__, self._endpoint.secret)
        message = f"the connection broke during the answer ({said})"
        return ProviderFailure("connection", message, retryable=True)

    def _unreachable(self, error: Exception) -> ProviderFailure:
        if isinstance(error, aiohttp.InvalidURL):
            return ProviderFailure("request", "the base URL is not a valid URL")
        said = redact(str(error) or type(error).__name__, self._endpoint.secret)
        return ProviderFailure("connection", f"it cannot be reached ({said})", retryable=True)


async def _drain(content: aiohttp.StreamReader) -> None:
    """Reads the end of the response, so that its connection can be used again."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while await content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError, OSError):
        return


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode("utf-8", "replace")
