"""The stream of events."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from flask.testing import FlaskClient
from shop.extensions import db
from shop.tasks import ReportError
from shop.views import events

HALF = ("PROGRESS", {"done": 6, "total": 12})


class Clock:
    """Time that passes in no time: each nap stores the next state."""

    def __init__(self, celery_app: Celery, task_id: str) -> None:
        """Begin without states."""
        self.store = celery_app.backend.store_result
        self.task_id = task_id
        self.states: list[tuple[str, Any]] = []
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
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


def test_events(client: FlaskClient, job_id: str, clock: Clock) -> None:
    clock.states = [("PENDING", None), HALF, HALF, ("SUCCESS", {"orders": 1})]
    response = client.get(f"/tasks/{job_id}/events", buffered=True)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    same = {"id": job_id, "result": None, "error": None}
    expected = [
        {**same, "state": "PENDING", "progress": 0},
        {**same, "state": "PROGRESS", "progress": 50},
        {**same, "state": "SUCCESS", "progress": 100, "result": {"orders": 1}},
    ]
    *sent, end = response.text.split("\n\n")
    assert end == ""
    assert all(event.startswith("data: ") for event in sent)
    assert [json.loads(event.removeprefix("data: ")) for event in sent] == expected
    assert clock.naps == [0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("state", "value"), [("FAILURE", ReportError("no")), ("REVOKED", ReportError("no"))]
)
def test_events_end_with_the_task(
    client: FlaskClient, job_id: str, clock: Clock, state: str, value: Exception
) -> None:
    clock.states = [("RETRY", OSError()), (state, value)]
    text = client.get(f"/tasks/{job_id}/events", buffered=True).text
    assert [json.loads(event[6:])["state"] for event in text.split("\n\n")[:-1]] == [
        "PENDING",
        "RETRY",
        state,
    ]


def test_a_task_that_is_over(client: FlaskClient, job_id: str, clock: Clock) -> None:
    clock.store(job_id, None, "SUCCESS")
    text = client.get(f"/tasks/{job_id}/events", buffered=True).text
    assert text.count("data: ") == 1
    assert clock.naps == []


def test_heartbeat(client: FlaskClient, job_id: str, clock: Clock) -> None:
    clock.states = [("PENDING", None)] * 62 + [HALF] + [HALF] * 29 + [("SUCCESS", None)]
    text = client.get(f"/tasks/{job_id}/events", buffered=True).text
    kinds = [event[:5] for event in text.split("\n\n")]
    assert kinds == ["data:", ":", ":", "data:", "data:", ""]


def test_events_of_an_unknown_task(client: FlaskClient) -> None:
    response = client.get("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5/events")
    assert response.status_code == 404
    assert response.json == {"error": "no such task"}


def test_some_threads_stay_free(client: FlaskClient, job_id: str, clock: Clock) -> None:
    url = f"/tasks/{job_id}/events"
    streams = [client.get(url), client.get(url)]
    response = client.get(url)
    assert response.status_code == 503
    assert response.json == {"error": "too many streams, ask for the state instead"}
    streams.pop().close()
    streams.append(client.get(url))
    assert client.get(url).status_code == 503
    for stream in streams:
        stream.close()
    clock.store(job_id, None, "SUCCESS")
    assert client.get(url, buffered=True).text.count("data: ") == 1


def test_a_stream_holds_no_database_connection(
    client: FlaskClient, job_id: str, clock: Clock
) -> None:
    response = client.get(f"/tasks/{job_id}/events")
    assert next(response.response).startswith(b"data: ")
    with client.application.app_context():
        assert db.engine.pool.checkedout() == 0
    response.close()
    assert clock.naps == []
