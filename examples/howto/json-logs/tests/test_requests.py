"""What the three web frameworks do with the id."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import AsyncClient, Client
from fastapi.testclient import TestClient
from shop import fastapi_app, flask_app
from shop.ids import request_id

Line = dict[str, Any]
Post = Callable[[str, dict[str, str]], tuple[int, str | None]]
PATH = "/reports/2026"


def flask(path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    answer = flask_app.create_app().test_client().post(path, headers=headers)
    return answer.status_code, answer.headers.get("X-Request-ID")


def django(path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    answer = Client().post(path, headers=headers)
    return answer.status_code, answer.headers.get("X-Request-ID")


def django_asgi(path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    answer = asyncio.run(AsyncClient().post(path, headers=headers))
    return answer.status_code, answer.headers.get("X-Request-ID")


def fastapi(path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    with TestClient(fastapi_app.app) as client:
        answer = client.post(path, headers=headers)
    return answer.status_code, answer.headers.get("X-Request-ID")


every_framework = pytest.mark.parametrize("post", [flask, django, django_asgi, fastapi])


@every_framework
def test_one_id_follows_the_work(post: Post, worker: None, wait_for: Callable[[str], Line]) -> None:
    assert post(PATH, {"X-Request-ID": "demo-1"}) == (202, "demo-1")

    asked = wait_for("report of 2026 asked for")
    mailed = wait_for("report of 2026 mailed")  # by a task that a task has sent
    assert asked["request_id"] == mailed["request_id"] == "demo-1"
    assert asked["task_id"] is None
    assert UUID(mailed["task_id"])
    assert mailed["task_name"] == "shop.tasks.mail_report"


@every_framework
@pytest.mark.parametrize("given", ["", "two words", "x" * 65, 'a","level":"b', "1;2"])
def test_an_id_is_made_if_none_fits(post: Post, given: str) -> None:
    status, said = post("/nothing-here", {"X-Request-ID": given})
    assert status == 404
    assert UUID(said)
    assert request_id.get() == "-"


@every_framework
def test_an_id_is_kept(post: Post) -> None:
    assert post("/nothing-here", {"X-Request-ID": "x" * 64}) == (404, "x" * 64)
    assert UUID(post("/nothing-here", {})[1])


def test_an_error_of_fastapi_is_logged_with_the_id() -> None:
    async def fail(*_: object) -> None:
        raise ValueError(request_id.get())

    async def server() -> str:
        """Log what the app raises, as uvicorn does in the task of the request."""
        scope = {"type": "websocket", "headers": [(b"x-request-id", b"demo-5")]}
        with pytest.raises(ValueError, match="demo-5"):
            await fastapi_app.RequestId(fail)(scope, fail, fail)
        return request_id.get()

    async def requests() -> tuple[str, str]:
        return await asyncio.create_task(server()), request_id.get()

    assert asyncio.run(requests()) == ("demo-5", "-")
