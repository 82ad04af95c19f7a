"""Who opened a connection, and how many there are."""

import asyncio
import os
import runpy
import sqlite3
import time
from collections.abc import Callable, Iterator
from threading import Barrier

import httpx2
import pytest
from celery.signals import worker_process_init
from celery.utils.dispatch import Signal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mistakes import app as wrong_app
from shop import database as shop_database
from shop.config import Settings
from shop.database import engine
from shop.tasks import send_receipt
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

ASK = text("SELECT 1")
Ask = Callable[[], str]


def in_a_child(function: Callable[[], str], *signals: Signal) -> str:
    """Fork, send the signals in the child, and return what the function returns there."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            for signal in signals:
                signal.send(sender=None)
            os.write(writer, function().encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.wait()
    with os.fdopen(reader) as file:
        return file.read()


@pytest.fixture
def who_opened(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Open a connection in this process, and return what tells who opened the one in use."""
    monkeypatch.setattr("shop.database.engine", database)
    database.dispose()
    event.listen(database, "connect", lambda _, entry: entry.info.update(pid=os.getpid()))

    def ask() -> str:
        with database.connect() as connection:
            inherited = connection.info["pid"] != os.getpid()
        return "opened before the fork" if inherited else "opened by this process"

    ask()
    return ask


def test_a_child_inherits_the_connection(who_opened: Ask) -> None:
    assert in_a_child(who_opened) == "opened before the fork"


def test_the_handler_gives_it_a_connection_of_its_own(who_opened: Ask) -> None:
    assert in_a_child(who_opened, worker_process_init) == "opened by this process"


def test_the_handler_leaves_the_parents_connection_open(database: Engine, who_opened: Ask) -> None:
    before = database.pool
    worker_process_init.send(sender=None)
    assert database.pool is not before
    assert (before.checkedin(), database.pool.checkedin()) == (1, 0)
    before.dispose()


@pytest.fixture
def in_memory() -> Iterator[None]:
    """Let the engine of the settings connect to a database in memory."""

    def connect(*_: object) -> sqlite3.Connection:
        return sqlite3.connect(":memory:")

    event.listen(engine, "do_connect", connect)
    yield
    engine.dispose()
    event.remove(engine, "do_connect", connect)


@pytest.mark.usefixtures("in_memory")
def test_the_pool_asks_before_it_hands_out() -> None:
    taken = engine.raw_connection()
    connection_of_driver = taken.driver_connection
    taken.close()  # back into the pool
    connection_of_driver.close()  # as a server does that drops idle connections
    assert engine.pool.checkedin() == 1
    with engine.connect() as connection:
        assert connection.execute(ASK).scalar() == 1


def answers_of_forty(engine: Engine) -> list[bool]:
    """Send 40 requests at once; each says whether it got a connection."""
    app = FastAPI()
    all_have_tried = Barrier(40)

    @app.get("/")
    def ask() -> bool:
        with Session(engine) as session:
            try:
                session.execute(ASK)
            except NoConnectionError:
                return False
            finally:
                all_have_tried.wait(timeout=10)
            return True

    async def send() -> list[bool]:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            answers = await asyncio.gather(*(client.get("/") for _ in range(40)))
        return [answer.json() for answer in answers]

    return asyncio.run(send())


def test_forty_requests_and_fifteen_connections(database: Engine) -> None:
    engine = create_engine(database.url, pool_timeout=0.1)  # else, 30 seconds
    assert sum(answers_of_forty(engine)) == 15
    engine.dispose()


def test_forty_requests_and_forty_connections(database: Engine) -> None:
    engine = create_engine(database.url, pool_timeout=0.1, pool_size=40, max_overflow=0)
    assert sum(answers_of_forty(engine)) == 40
    engine.dispose()


def answers_of_two(engine: Engine, *, on_the_loop: bool) -> list[int]:
    """Send two requests at once to an endpoint that needs a connection for a tenth of a second."""
    app = FastAPI()
    both_are_here = asyncio.Barrier(2)

    @app.get("/async-def")
    async def wait_on_the_loop() -> None:
        await both_are_here.wait()
        with Session(engine) as session:
            session.execute(ASK)
            await asyncio.sleep(0.1)

    @app.get("/def")
    def wait_in_a_thread() -> None:
        with Session(engine) as session:
            session.execute(ASK)
            time.sleep(0.1)

    path = "/async-def" if on_the_loop else "/def"

    async def send() -> list[int]:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            answers = await asyncio.gather(*(client.get(path) for _ in range(2)))
        return sorted(answer.status_code for answer in answers)

    return asyncio.run(send())


def test_async_def_waits_for_itself(database: Engine) -> None:
    engine = create_engine(database.url, pool_timeout=0.2, pool_size=1, max_overflow=0)
    assert answers_of_two(engine, on_the_loop=True) == [200, 500]
    engine.dispose()


def test_def_waits_for_the_other(database: Engine) -> None:
    engine = create_engine(database.url, pool_timeout=5, pool_size=1, max_overflow=0)
    assert answers_of_two(engine, on_the_loop=False) == [200, 200]
    engine.dispose()


def test_size_and_address_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.pool.size() == Settings.model_fields["pool_size"].default
    settings = Settings(pool_size=7, database_url="sqlite:///other.db")
    monkeypatch.setattr("shop.config.get_settings", lambda: settings)
    other = runpy.run_path(shop_database.__file__)["engine"]
    assert (other.pool.size(), str(other.url)) == (7, "sqlite:///other.db")


@pytest.fixture
def taken(database: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note, in the place of sending a task, how many connections are taken."""
    numbers: list[int] = []
    monkeypatch.setattr(send_receipt, "delay", lambda _: numbers.append(database.pool.checkedout()))
    return numbers


def test_a_background_task_keeps_the_connection(taken: list[int]) -> None:
    TestClient(wrong_app).post("/background-late?email=ada@example.org")
    assert taken == [1]


def test_function_scope_gives_it_back(taken: list[int]) -> None:
    TestClient(wrong_app).post("/background-soon?email=ada@example.org")
    assert taken == [0]
