"""What stops the event loop, and with it every other request."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from celery import Celery, Task
from celery.exceptions import TimeoutError as NoResult
from config import celery_app
from kombu.exceptions import OperationalError
from shop.tasks import send_receipt


@pytest.fixture
def refused() -> Iterator[Task]:
    """Return the task in an app whose broker refuses connections."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # taken, and nobody listens
        port = sock.getsockname()[1]
        app = Celery("refused", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
        yield app.tasks[send_receipt.name]


async def longest_pause(work: Awaitable[object]) -> float:
    """Return for how long nothing else could run while `work` did."""
    pause, task = 0.0, asyncio.ensure_future(work)
    while not task.done():
        begin = time.monotonic()
        await asyncio.sleep(0)
        pause = max(pause, time.monotonic() - begin)
    return pause


async def on_the_loop(task: Task) -> None:
    with suppress(OperationalError):
        task.delay(1)


async def in_a_thread(task: Task) -> None:
    with suppress(OperationalError):
        await sync_to_async(task.delay)(1)


def test_delay_stops_the_loop(refused: Task) -> None:
    async def pauses() -> tuple[float, float]:
        return await longest_pause(on_the_loop(refused)), await longest_pause(in_a_thread(refused))

    wrong, right = asyncio.run(pauses())
    assert wrong > 5 * right


def test_get_stops_the_loop() -> None:
    async def get() -> None:
        with suppress(NoResult):
            celery_app.AsyncResult("nobody works on it").get(timeout=0.2)

    assert asyncio.run(longest_pause(get())) >= 0.2
