"""What the endpoints answer, in the thread of the event loop and in others."""

import re
import threading
from collections.abc import Iterator

import celery
import pytest
from celery import Celery
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from main import app, celery_app, send_receipt

from conftest import Ask, AskOf

TASK_ID = "92275814-b856-4f88-80ff-cf40a8220fa2"
NO_BACKEND = re.escape("'DisabledBackend' object has no attribute '_get_task_meta_for'")


def test_async_def_finds_the_app(ask: Ask) -> None:
    assert ask("GET", f"/async-def/{TASK_ID}").json() == "PENDING"
    assert ask("POST", "/async-def/1").json() is True


def test_def_finds_another_app(ask: Ask) -> None:
    with pytest.raises(AttributeError, match=f"^{NO_BACKEND}"):
        ask("GET", f"/def/{TASK_ID}")
    with pytest.raises(OperationalError, match=r"^\[Errno \d+\] Connection refused$"):
        ask("POST", "/def/1")


def test_def_finds_the_app_that_is_named(ask: Ask) -> None:
    assert ask("GET", f"/named/{TASK_ID}").json() == "PENDING"


def test_one_line_cures_it(ask: Ask) -> None:
    celery_app.set_default()
    assert ask("GET", f"/def/{TASK_ID}").json() == "PENDING"
    assert ask("POST", "/def/1").json() is True


def test_the_test_client_has_no_thread_that_finds_the_app() -> None:
    with TestClient(app) as client:
        for path in (f"/async-def/{TASK_ID}", f"/def/{TASK_ID}"):
            with pytest.raises(AttributeError, match=f"^{NO_BACKEND}"):
                client.get(path)
        celery_app.set_default()
        assert client.get(f"/async-def/{TASK_ID}").json() == "PENDING"


def test_the_other_app_knows_only_rabbitmq_on_this_machine(fallback: Celery) -> None:
    assert fallback.main == "default"
    assert Celery(set_as_current=False).connection_for_write().as_uri() == (
        "amqp://guest:**@localhost:5672//"
    )
    assert celery.current_app == celery_app


def test_what_runs_in_a_thread(ask_of: AskOf) -> None:
    seen: dict[str, bool] = {}

    def note(name: str) -> None:
        seen[name] = threading.current_thread() is threading.main_thread()

    def depend() -> Iterator[None]:
        note("def dependency")
        yield
        note("def dependency, after yield")

    async def depend_on_the_loop() -> None:
        note("async def dependency")

    def later() -> None:
        note("def background task")

    async def later_on_the_loop() -> None:
        note("async def background task")

    app = FastAPI(dependencies=[Depends(depend), Depends(depend_on_the_loop)])

    @app.get("/def")
    def endpoint(tasks: BackgroundTasks) -> None:
        note("def endpoint")
        tasks.add_task(later)
        tasks.add_task(later_on_the_loop)

    @app.get("/async-def")
    async def endpoint_on_the_loop() -> None:
        note("async def endpoint")

    ask_of(app)("GET", "/def")
    ask_of(app)("GET", "/async-def")
    assert seen == {
        name: name.startswith("async")
        for name in (
            "def dependency",
            "def dependency, after yield",
            "async def dependency",
            "def background task",
            "async def background task",
            "def endpoint",
            "async def endpoint",
        )
    }


def test_the_task_itself_is_fine() -> None:
    assert send_receipt(1) == "sent receipt 1"
