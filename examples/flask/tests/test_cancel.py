"""Cancelling: before the task begins, while it runs, when it is over."""

from datetime import UTC, datetime
from queue import Queue

import pytest
from flask import Flask
from flask.testing import FlaskClient
from shop import tasks
from shop.extensions import db
from shop.models import Job, Order

REVOKED = {"state": "REVOKED", "progress": 0, "result": None, "error": "revoked"}


@pytest.fixture
def order(app: Flask, user_id: int) -> None:
    """Save an order, so that the report of 2026 has something to add up."""
    with app.app_context():
        db.session.add(
            Order(user_id=user_id, total_cents=1905, placed_at=datetime(2026, 2, 28, tzinfo=UTC))
        )
        db.session.commit()


def test_cancel(client: FlaskClient, job_id: str) -> None:
    response = client.delete(f"/tasks/{job_id}")
    assert response.status_code == 202
    assert response.json == {"id": job_id}
    assert client.delete(f"/tasks/{job_id}").status_code == 202
    with client.application.app_context():
        assert db.session.get(Job, job_id).cancelled is True


def test_cancel_an_unknown_task(client: FlaskClient) -> None:
    response = client.delete("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5")
    assert response.status_code == 404
    assert response.json == {"error": "no such task"}


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", ["make_report", "shrink_image"])
def test_a_cancelled_task_does_not_begin(
    client: FlaskClient, job_id: str, name: str, finished: Queue[str]
) -> None:
    with client.application.app_context():
        db.session.get(Job, job_id).cancelled = True
        db.session.commit()
    getattr(tasks, name).apply_async((None,), task_id=job_id)
    finished.get(timeout=30)
    assert client.get(f"/tasks/{job_id}").json == {"id": job_id, **REVOKED}


@pytest.mark.usefixtures("order")
def test_a_running_task_stops_at_the_next_step(
    app: Flask, client: FlaskClient, finished: Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    update_state = tasks.make_report.update_state
    seen = []

    def update_then_cancel(**state: object) -> None:
        update_state(**state)
        seen.append(state["state"])
        if len(seen) == 3:
            app.test_client().delete(f"/tasks/{tasks.make_report.request.id}")

    monkeypatch.setattr(tasks.make_report, "update_state", update_then_cancel)
    url = client.post("/reports", json={"year": 2026}).headers["Location"]
    task_id = finished.get(timeout=30)
    assert seen == ["PROGRESS", "PROGRESS", "PROGRESS", "REVOKED"]
    assert client.get(url).json == {"id": task_id, **REVOKED}


@pytest.mark.usefixtures("order")
def test_a_task_that_is_over_stays_as_it_is(client: FlaskClient, finished: Queue[str]) -> None:
    url = client.post("/reports", json={"year": 2026}).headers["Location"]
    finished.get(timeout=30)
    assert client.delete(url).status_code == 202
    assert client.get(url).json["state"] == "SUCCESS"
