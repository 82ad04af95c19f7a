"""What an open connection holds: a thread, a connection to the database, or neither."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Annotated

import httpx2
import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from shop.database import SignIn, new_session
from shop.main import create_app
from shop.sign_in import COOKIE, sign_in
from sqlalchemy import create_engine, exc
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

app = FastAPI()
news = Event()


@app.get("/news", response_class=EventSourceResponse)
def wait_for_news() -> Iterator[str]:
    """Wait in a thread. For a stream, this is a mistake."""
    news.wait()
    yield "news"


async def open_streams() -> bool:
    """Open as many streams as there are threads, and return whether a `def` endpoint waits."""
    threads = current_default_thread_limiter()
    threads.total_tokens = 2
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        streams = [asyncio.ensure_future(client.get("/news")) for _ in range(2)]
        while threads.borrowed_tokens < 2:  # noqa: ASYNC110, the threads tell nobody
            await asyncio.sleep(0.01)
        other = asyncio.ensure_future(run_in_threadpool(lambda: None))
        await asyncio.sleep(0.02)
        waits = not other.done()
        news.set()
        await asyncio.gather(*streams, other)
        return waits


def test_def_streams_take_all_threads() -> None:
    assert asyncio.run(open_streams())


def get_session() -> Iterator[Session]:
    """Give a request its session. For a WebSocket, this is a mistake."""
    with new_session() as session:
        yield session


@app.websocket("/notifications")
async def notifications(
    websocket: WebSocket, session: Annotated[Session, Depends(get_session)]
) -> None:
    """Hold a connection to the database as long as the socket is open."""
    session.get(SignIn, websocket.cookies.get(COOKIE, ""))
    await websocket.accept()
    with pytest.raises(WebSocketDisconnect):
        await websocket.receive_text()


@pytest.fixture
def pool(database: None, tmp_path: Path) -> Iterator[QueuePool]:
    """Have a pool with one connection, as if all others were in use."""
    url = f"sqlite:///{tmp_path}/shop.db"
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=10)
    new_session.configure(bind=engine)
    yield engine.pool
    engine.dispose()


def test_a_session_of_depends_stays_open_with_the_socket(
    pool: QueuePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_timeout", 0.05)
    with TestClient(app).websocket_connect("/notifications"):
        error = "^QueuePool limit of size 1 overflow 0 reached, connection timed out"
        with pytest.raises(exc.TimeoutError, match=error):
            sign_in(7)
    sign_in(7)


@pytest.mark.usefixtures("pool")
def test_the_socket_of_the_shop_holds_none() -> None:
    headers = {"Origin": "http://127.0.0.1:8000", "Cookie": f"{COOKIE}={sign_in(7)}"}
    with TestClient(create_app()).websocket_connect("/notifications", headers=headers):
        for _ in range(10):
            sign_in(7)
