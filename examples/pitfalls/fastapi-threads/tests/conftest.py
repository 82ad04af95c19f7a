"""No task runs here, so both lanes are the same."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from socket import socket

import httpx2
import pytest
from celery import Celery
from celery.app import app_or_default
from fastapi import FastAPI
from main import app, celery_app

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)

Ask = Callable[[str, str], httpx2.Response]
AskOf = Callable[[FastAPI], Ask]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


@pytest.fixture(autouse=True)
def fallback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Return the app that another thread finds, with a broker that refuses."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    celery_app.set_current()
    with ThreadPoolExecutor() as threads, closing(socket()) as taken:
        other = threads.submit(app_or_default).result()
        taken.bind(("127.0.0.1", 0))  # taken, and nobody listens
        monkeypatch.setattr(other.conf, "broker_url", f"amqp://127.0.0.1:{taken.getsockname()[1]}")
        yield other
        other.set_default()


@pytest.fixture
def ask_of() -> AskOf:
    """Return what sends requests to an app on an event loop in this thread, as under uvicorn."""

    async def answer(app: FastAPI, method: str, path: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.request(method, path)

    return lambda app: lambda method, path: asyncio.run(answer(app, method, path))


@pytest.fixture
def ask(ask_of: AskOf) -> Ask:
    """Return what sends requests to the shop."""
    return ask_of(app)
