"""CPU for each token: our streaming reader against the openai SDK, on the same local peer.

Prints microseconds of this process's CPU for each token and their ratio. The peer runs in a process of its own, so
that its work is not counted; the two readers take turns, so that a noisy machine disturbs both alike.

    python -m bench.tokens [--tokens 2000] [--streams 8] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import openai
import orjson
import uvloop

from engine.providers.events import Text
from engine.providers.messages import UserMessage
from engine.providers.openai_chat import ChatEndpoint, OpenAIChat
from engine.providers.outbound import ProviderHttp

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_TOKENS_A_SECOND = 10_000


def main() -> None:
    """Runs the comparison and prints it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    peer = multiprocessing.Process(target=_serve, args=(there, given.tokens, given.streams), daemon=True)
    peer.start()
    try:
        uvloop.run(_compare(f"http://127.0.0.1:{here.recv()}/v1", given.tokens, given.streams, given.rounds))
    finally:
        peer.terminate()
        peer.join()


async def _compare(url: str, tokens: int, streams: int, rounds: int) -> None:
    http = ProviderHttp()
    ours = OpenAIChat(http, ChatEndpoint(f"{url}/chat/completions"), "openai_api_compatible", "fake")
    sdk = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def read_ours() -> int:
        return sum([isinstance(event, Text) async for event in ours.stream([UserMessage("hi")], {})])

    async def read_sdk() -> int:
        answer = await sdk.chat.completions.create(
            model="fake", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        return sum([bool(chunk.choices and chunk.choices[0].delta.content) async for chunk in answer])

    spent: dict[str, list[float]] = {"ours": [], "openai SDK": []}
    readers: dict[str, Callable[[], Awaitable[int]]] = {"ours": read_ours, "openai SDK": read_sdk}
    for _ in range(rounds + 1):
        for name, read in readers.items():
            began = time.process_time()
            read_tokens = sum(await asyncio.gather(*(read() for _ in range(streams))))
            assert read_tokens == tokens * streams, (name, read_tokens)
            spent[name].append((time.process_time() - began) / read_tokens * 1e6)
    medians = {name: statistics.median(values[1:]) for name, values in spent.items()}
    for name, value in medians.items():
        print(f"{name:<12}{value:8.1f} µs of CPU a token")
    print(f"ratio       {medians['openai SDK'] / medians['ours']:8.1f} × (openai SDK / ours)")
    await sdk.close()
    await http.aclose()


def _serve(ready: Connection, tokens: int, streams: int) -> None:
    """Runs the peer: every request gets `tokens` pieces, one to a packet, at a pace that a model could have."""

    def frame(data: bytes) -> bytes:
        body = b"data: " + data + b"\n\n"
        return b"%x\r\n%s\r\n" % (len(body), body)

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
        return frame(orjson.dumps({**head, "choices": choices}))

    piece = chunk({"content": " token"})
    end = chunk({}, "stop") + frame(b"[DONE]") + b"0\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(_HEAD)
                began = loop.time()
                for number in range(tokens):
                    writer.write(piece)
                    wait = began + number * streams / _TOKENS_A_SECOND - loop.time()
                    await asyncio.sleep(max(0.0, wait))
                writer.write(end)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


if __name__ == "__main__":
    main()
