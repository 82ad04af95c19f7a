"""A network that is slow or silent: a TCP proxy on loopback in front of a real service.

    with Proxy("redis://127.0.0.1:6379/0", delay=0.010) as proxy:
        app.conf.broker_url = proxy.url  # 20 ms away: 10 ms there, 10 ms back
        proxy.silent = True  # takes connections, and says nothing

The proxy has a thread and an event loop of its own, so the program that uses it must not be busy itself: load comes
from other processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Coroutine

PORTS = {"amqp": 5672, "postgresql": 5432, "redis": 6379}
CHUNK = 65536  # bytes read at once
HELD = 1024  # chunks on their way; then the sender must wait


class Proxy:
    """Passes bytes between clients and the service at a URL, late or not at all.

    `delay` (seconds each way) and `silent` may be changed while it runs. While it is silent it takes connections,
    also new ones, and holds what comes from either side. Afterwards it passes on what it holds, as a network does
    that comes back. It never opens a connection to the service while silent, so the service need not run.
    """

    def __init__(self, url: str, *, delay: float = 0.0, silent: bool = False) -> None:
        """Remember where the service answers: a URL with the scheme of Redis, RabbitMQ or PostgreSQL, or a port."""
        self._parts = urlsplit(url)
        self._target = (
            self._parts.hostname or "127.0.0.1",
            self._parts.port or PORTS[self._parts.scheme],
        )
        self.delay = delay
        self.port = 0  # on 127.0.0.1; known inside the `with` block
        self._silent = silent
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._clients: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *exc: object) -> None:
        """Close every connection, and end the thread."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Return the URL of the service through this proxy."""
        user = self._parts.netloc.rpartition("@")[0]
        place = f"{user}@127.0.0.1:{self.port}" if user else f"127.0.0.1:{self.port}"
        return self._parts._replace(netloc=place).geturl()

    @property
    def silent(self) -> bool:
        """Say whether nothing passes."""
        return self._silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self._silent = silent
        if self._thread.is_alive():
            self._run(self._set_silent())

    def _run(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _set_silent(self) -> None:
        if self._silent:
            self._talks.clear()
        else:
            self._talks.set()

    async def _listen(self) -> None:
        self._talks = asyncio.Event()
        await self._set_silent()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server's callback is a task
        self._clients.add(task)
        open_ones = [to_client]
        try:
            await self._talks.wait()
            from_service, to_service = await asyncio.open_connection(*self._target)
            open_ones.append(to_service)
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._pass_on(from_client, to_service))
                directions.create_task(self._pass_on(from_service, to_client))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            # One side is gone, or the proxy ends: the other side shall notice at once.
            for writer in open_ones:
                writer.transport.abort()
        finally:
            self._clients.discard(task)
            for writer in open_ones:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass on what comes, each chunk `delay` seconds later; the last one is empty, the end."""
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(HELD)

        async def read() -> None:
            data = b"begin"
            while data:
                data = await source.read(CHUNK)
                await chunks.put((self._loop.time() + self.delay, data))

        async def write() -> None:
            while True:
                due, data = await chunks.get()
                await asyncio.sleep(due - self._loop.time())
                await self._talks.wait()
                if not data:
                    break
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()

        async with asyncio.TaskGroup() as both:
            both.create_task(read())
            both.create_task(write())


def refusing_port() -> socket.socket:
    """Return a bound socket that does not listen: connections to its port are refused until it is closed."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place
