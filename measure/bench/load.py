"""A program: put a web server under load, in one thread, and print what its clients saw.

Usage: python -m measure.bench.load JOB

A job is JSON: port, path, connections, and either `seconds` or `patience`.

- `seconds`: a closed loop for so long. Each connection sends a POST when it has the answer to the one before;
  another connection asks for /other every 20 ms.
- `patience`: for so long, in an outage, each connection sends a POST, and the next a second after the answer; another
  connection asks for /other every half second. A request that has no answer at the end counts with the time that it has
  waited, and as `null` if that is nearly the whole time.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import Any

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
WARM = 0.3  # seconds that do not count: connections are opened, pools are filled
PAUSE = 0.02  # seconds between two requests to /other
HEAD_START = 0.2  # seconds that the others have before /other is asked for
CUSTOMER_PAUSE, VISITOR_PAUSE = 1.0, 0.5  # seconds, in an outage
NEVER = 1.0  # second: who has waited all the time but this has had no answer


class Connection(asyncio.Protocol):
    """A connection that is kept open, with one request at a time."""

    def __init__(self, method: str, path: str) -> None:
        """Prepare the request."""
        lines = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 0", "", "")
        self.request = "\r\n".join(lines).encode()
        self.buffer = b""
        self.answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that of TCP
        self.transport = transport

    async def ask(self) -> int:
        """Send the request, and return the status of the answer.

        Raises:
            ConnectionError: if the server has closed the connection.

        """
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(self.request)
        return await self.answer

    def data_received(self, data: bytes) -> None:
        """Take what comes until the answer is whole."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if found and length is None:
            raise ValueError(f"an answer without Content-Length: {head!r}")
        if length and len(body) >= int(length[1]) and self.answer:
            self.buffer = b""
            self.answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        if self.answer and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError("closed by the server"))


async def connect(job: dict[str, Any], method: str, path: str) -> Connection:
    """Open a connection."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(method, path), "127.0.0.1", job["port"]
    )
    return connection


async def load(job: dict[str, Any]) -> dict[str, Any]:
    """Run the closed loop; return answers per second, seconds of each request, and the statuses that were seen."""
    posts = [await connect(job, "POST", job["path"]) for _ in range(job["connections"])]
    other = await connect(job, "GET", "/other")
    # The first requests import and connect, however long that takes.
    await asyncio.gather(*(connection.ask() for connection in (*posts, other)))
    begin = time.perf_counter() + WARM
    end = begin + job["seconds"]

    async def loop(connection: Connection, pause: float) -> list[tuple[float, float, int]]:
        answers = []
        while (sent := time.perf_counter()) < end:
            status = await connection.ask()
            answered = time.perf_counter()
            if answered >= begin:
                answers.append((answered, answered - sent, status))
            if pause:
                await asyncio.sleep(pause)
        return answers

    others, *loops = await asyncio.gather(loop(other, PAUSE), *(loop(one, 0) for one in posts))
    for connection in (*posts, other):
        connection.transport.close()
    answers = [answer for loop in loops for answer in loop]
    return {
        "rate": sum(answered <= end for answered, _, _ in answers) / job["seconds"],
        "times": [seconds for _, seconds, _ in answers],
        "statuses": sorted({status for _, _, status in answers}),
        "others": [seconds for _, seconds, _ in others],
    }


async def outage(job: dict[str, Any]) -> dict[str, Any]:
    """Go on asking for so many seconds; return the longest waits, or null, and the statuses that were seen."""
    begin = time.perf_counter()
    end = begin + job["patience"]

    async def wait(method: str, path: str, delay: float, pause: float) -> tuple[float, set[int]]:
        """Return the longest wait: also that of the last request, which may have no answer yet."""
        longest, statuses = 0.0, set()
        await asyncio.sleep(delay)  # before it connects: some servers give a connection a thread
        connection = await connect(job, method, path)
        while (sent := time.perf_counter()) < end:
            try:
                statuses.add(await asyncio.wait_for(connection.ask(), end - sent))
            except TimeoutError:
                longest = max(longest, end - sent)
                break
            longest = max(longest, time.perf_counter() - sent)
            await asyncio.sleep(pause)
        connection.transport.abort()
        return longest, statuses

    posts = [wait("POST", job["path"], 0, CUSTOMER_PAUSE) for _ in range(job["connections"])]
    (other, _), *answers = await asyncio.gather(
        wait("GET", "/other", HEAD_START, VISITOR_PAUSE), *posts
    )
    never = job["patience"] - NEVER
    longest = max(seconds for seconds, _ in answers)
    return {
        "longest": longest if longest < never else None,
        "other": other if other < never else None,
        "statuses": sorted(set().union(*(statuses for _, statuses in answers))),
    }


def main() -> None:
    """Run the job."""
    job = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(load(job) if "seconds" in job else outage(job))))


if __name__ == "__main__":
    main()
