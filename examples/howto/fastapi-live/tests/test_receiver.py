"""A receiver of Celery's events in a web process: on the loop, and in a thread."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from queue import Queue
from threading import Thread

import pytest
from celery.events import EventReceiver
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from kombu import Connection
from shop.celery_app import celery_app

heard: Queue[str] = Queue()


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Leave nothing to the next test."""
    yield
    heard.queue.clear()


def new_receiver(connection: Connection) -> EventReceiver:
    """Return a receiver that notes which task has succeeded."""
    handlers = {"task-succeeded": lambda event: heard.put(event["uuid"])}
    return celery_app.events.Receiver(connection, handlers=handlers)


@asynccontextmanager
async def capture_on_the_loop(_: FastAPI) -> AsyncIterator[None]:
    """Wait for one event. Without the limit, this never gets to the yield."""
    with celery_app.connection_for_read() as connection:
        new_receiver(connection).capture(limit=1)
    yield


@asynccontextmanager
async def capture_in_a_thread(_: FastAPI) -> AsyncIterator[None]:
    """Receive in a thread, until the server stops; that takes up to a second."""
    with celery_app.connection_for_read() as connection:
        receiver = new_receiver(connection)
        thread = Thread(target=receiver.capture)
        thread.start()
        yield
        receiver.should_stop = True
        await run_in_threadpool(thread.join)


def succeed() -> None:
    """Send what a worker sends after a task, until it is heard."""
    while heard.empty():
        with celery_app.events.default_dispatcher() as dispatcher:
            dispatcher.send("task-succeeded", uuid="7d5e")
        time.sleep(0.01)


async def turns(lifespan: AbstractAsyncContextManager[None]) -> int:
    """Return how often others had their turn while a server started."""
    count, start = 0, asyncio.ensure_future(lifespan.__aenter__())
    while not start.done():
        await asyncio.sleep(0.01)
        count += 1
    return count


def test_a_receiver_on_the_loop_stops_the_server() -> None:
    Thread(target=succeed).start()
    assert asyncio.run(turns(capture_on_the_loop(FastAPI()))) == 1
    assert heard.get(timeout=5) == "7d5e"


def test_a_receiver_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventReceiver.consume, "__defaults__", (0.05,))

    async def serve() -> None:
        async with capture_in_a_thread(FastAPI()):
            await run_in_threadpool(succeed)

    asyncio.run(asyncio.wait_for(serve(), 10))
    assert heard.get(timeout=5) == "7d5e"
