"""The shop, as a client sees it."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
from celery import uuid
from celery.result import AsyncResult
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError
from shop.tasks import make_report


def state_of(client: FlaskClient, task_id: str) -> dict[str, Any]:
    """Wait until a task has ended, and return what a client may know about it."""
    AsyncResult(task_id).get(timeout=30, interval=0.01, propagate=False)
    answer = client.get(f"/tasks/{task_id}")
    assert answer.status_code == 200
    assert answer.json["id"] == task_id
    return answer.json


def test_a_worker_makes_the_report(client: FlaskClient) -> None:
    answer = client.post("/reports", json={"year": 2026})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/tasks/{answer.json['id']}"
    state = state_of(client, answer.json["id"])
    assert (state["state"], state["error"]) == ("SUCCESS", None)
    assert state["result"] == {"year": 2026, "workdays": 261}


def test_a_failed_report_is_no_server_error(client: FlaskClient) -> None:
    state = state_of(client, make_report.delay(0).id)
    assert (state["state"], state["result"], state["error"]) == ("FAILURE", None, "ValueError")


def test_an_unknown_task_is_pending(client: FlaskClient) -> None:
    assert client.get(f"/tasks/{uuid()}").json["state"] == "PENDING"


@pytest.mark.parametrize("body", ["2026", [], {}, {"year": "2026"}, {"year": True}, {"year": 1899}])
def test_a_request_needs_a_year(client: FlaskClient, body: object) -> None:
    answer = client.post("/reports", json=body)
    assert answer.status_code == 400
    assert answer.json == {"error": "year must be an integer from 1900 to 2100"}


def test_every_error_is_json(client: FlaskClient) -> None:
    assert client.post("/reports", data="year=2026").status_code == 415
    answer = client.get("/tasks/1")
    assert (answer.status_code, list(answer.json)) == (404, ["error"])


@pytest.mark.parametrize("error", [OperationalError, RuntimeError])
def test_a_broker_that_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(make_report, "apply_async", MagicMock(side_effect=error))
    answer = client.post("/reports", json={"year": 2026})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json == {"error": "try again later"}


def test_the_report_of_this_year() -> None:
    assert make_report()["year"] == datetime.now(UTC).year


def test_the_process_is_healthy(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}
