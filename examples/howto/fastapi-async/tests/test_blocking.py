"""What stops the event loop, and with it every other request."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress

import pytest
from anyio.to_thread import current_default_thread_limiter
from celery import Celery, Task
from celery.exceptions import TimeoutError as NoResult
from fastapi.concurrency import run_in_threadpool
from kombu.exceptions import OperationalError
from shop.celery_app import celery_app


def send(order_id: int) -> None:
    """Do nothing."""


@pytest.fixture
def refused() -> Iterator[Task]:
    """Return a task in an app whose broker refuses connections."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # taken, and nobody listens
        port = sock.getsockname()[1]
        app = Celery("refused", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
        yield app.task(send)


async def turns(work: Awaitable[object]) -> int:
    """Return how often other requests had their turn while `work` was done."""
    count, task = 0, asyncio.ensure_future(work)
    while not task.done():
        await asyncio.sleep(0.01)
        count += 1
    return count


async def on_the_loop(task: Task) -> None:
    with suppress(OperationalError):
        task.delay(1)


async def in_a_thread(task: Task) -> None:
    with suppress(OperationalError):
        await run_in_threadpool(task.delay, 1)


def test_delay_stops_the_loop(refused: Task) -> None:
    assert asyncio.run(turns(on_the_loop(refused))) == 1
    assert asyncio.run(turns(in_a_thread(refused))) > 10


def wait_for_a_result() -> None:
    """Wait for a task that nobody works on."""
    with suppress(NoResult):
        celery_app.AsyncResult("nobody works on it").get(timeout=0.2)


def test_get_stops_the_loop() -> None:
    async def endpoint() -> None:
        wait_for_a_result()

    began = time.monotonic()
    assert asyncio.run(turns(endpoint())) == 1
    assert time.monotonic() - began >= 0.2


def test_get_in_a_thread_takes_all_threads() -> None:
    async def ask() -> bool:
        threads = int(current_default_thread_limiter().total_tokens)
        assert threads == 40
        waiting = [asyncio.ensure_future(run_in_threadpool(wait_for_a_result)) for _ in range(40)]
        other = asyncio.ensure_future(run_in_threadpool(lambda: None))  # any other `def` endpoint
        done, _ = await asyncio.wait([*waiting, other], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*waiting, other)
        return other in done

    assert not asyncio.run(ask())
