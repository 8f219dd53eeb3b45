"""A way to Redis that ends at a command of the test's choice."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class WayToRedis:
    """Passes everything on until a client sends `last_word`; that command and all after it go nowhere.

    Attributes:
        url: the address for clients.
        last_word: a piece of the command that does not arrive; empty lets everything pass.
        caught: set when it was sent.
    """

    url: str
    last_word: bytes = b""
    caught: threading.Event = field(default_factory=threading.Event)


@contextmanager
def way_to_redis(folder: Path, redis_url: str) -> Iterator[WayToRedis]:
    """Serve a way to a Redis on a unix socket."""
    real = urlsplit(redis_url)
    socket = folder / "way.sock"
    way = WayToRedis(f"unix://{socket}?{real.query}")

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watched: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if watched and way.last_word and way.last_word in data:
                    way.caught.set()
                    while await reader.read(65_536):
                        pass
                    break
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(real.path)
        await asyncio.gather(pump(reader, back, True), pump(there, writer, False))

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_unix_server(serve, socket))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
