"""The stream of events."""

import asyncio
import json
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any

import pytest
from celery import Celery
from fastapi import FastAPI
from fastapi.testclient import TestClient
from shop import database
from shop.routers import events
from shop.tasks import ReportError

HALF = ("PROGRESS", {"done": 6, "total": 12})


class Clock:
    """Time that passes in no time: each nap stores the next state."""

    def __init__(self, celery_app: Celery, task_id: str) -> None:
        """Begin without states."""
        self.store = celery_app.backend.store_result
        self.task_id = task_id
        self.states: list[tuple[str, Any]] = []
        self.naps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Pass some time."""
        self.naps.append(seconds)
        state, value = self.states.pop(0)
        self.store(self.task_id, value, state)


@pytest.fixture
def clock(celery_app: Celery, job_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Put a clock in the place of sleep()."""
    clock = Clock(celery_app, job_id)
    monkeypatch.setattr(events, "sleep", clock.sleep)
    yield clock
    assert clock.states == []


def states(text: str) -> list[str]:
    """Return the states of a stream."""
    return [json.loads(event.removeprefix("data: "))["state"] for event in text.split("\n\n")[:-1]]


def test_events(client: TestClient, job_id: str, clock: Clock) -> None:
    clock.states = [("PENDING", None), HALF, HALF, ("SUCCESS", {"orders": 1})]
    response = client.get(f"/tasks/{job_id}/events")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    same = {"id": job_id, "result": None, "error": None}
    expected = [
        {**same, "state": "PENDING", "progress": 0},
        {**same, "state": "PROGRESS", "progress": 50},
        {**same, "state": "SUCCESS", "progress": 100, "result": {"orders": 1}},
    ]
    *sent, end = response.text.split("\n\n")
    assert end == ""
    assert [json.loads(event.removeprefix("data: ")) for event in sent] == expected
    assert clock.naps == [0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("state", ["FAILURE", "REVOKED"])
def test_events_end_with_the_task(
    client: TestClient, job_id: str, clock: Clock, state: str
) -> None:
    clock.states = [("RETRY", OSError()), (state, ReportError("no"))]
    text = client.get(f"/tasks/{job_id}/events").text
    assert states(text) == ["PENDING", "RETRY", state]


def test_a_task_that_is_over(client: TestClient, job_id: str, clock: Clock) -> None:
    clock.store(job_id, None, "SUCCESS")
    assert states(client.get(f"/tasks/{job_id}/events").text) == ["SUCCESS"]
    assert clock.naps == []


def test_events_of_an_unknown_task(client: TestClient) -> None:
    response = client.get("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5/events")
    assert response.status_code == 404
    assert response.json() == {"error": "no such task"}


def test_no_place(
    client: TestClient, job_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = BoundedSemaphore(1)
    monkeypatch.setattr(events, "places", places)
    clock.store(job_id, None, "SUCCESS")
    places.acquire()
    response = client.get(f"/tasks/{job_id}/events")
    assert response.status_code == 503
    assert response.json() == {"error": "too many streams, ask for the state instead"}
    places.release()
    for _ in ("once", "again"):
        assert client.get(f"/tasks/{job_id}/events").status_code == 200


def test_the_number_of_places() -> None:
    taken = [events.places.acquire(blocking=False) for _ in range(101)]
    events.places.release(100)
    assert taken == [True] * 100 + [False]


def test_a_client_that_goes_leaves_nothing(
    app: FastAPI, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = BoundedSemaphore(1)
    monkeypatch.setattr(events, "places", places)
    path = f"/tasks/{job_id}/events"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    pool = database.new_session.kw["bind"].pool
    seen = []

    async def visit() -> None:
        gone = asyncio.Event()

        async def receive() -> dict[str, str]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message.get("body"):
                seen.append((places.acquire(blocking=False), pool.checkedout()))
                gone.set()

        await app(scope, receive, send)

    asyncio.run(asyncio.wait_for(visit(), 10))
    # While it was open: no place left, and no connection to the database.
    assert seen == [(False, 0)]
    assert places.acquire(blocking=False)
