"""The HTTP interface, with the tasks that it starts."""

from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from celery import Celery
from celery.exceptions import TaskRevokedError
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Message
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from shop import tasks
from shop.extensions import db
from shop.models import Job, Order, User, now, today
from shop.thumbnails import ImageError
from sqlalchemy import select, update


def test_order(
    client: FlaskClient, user_id: int, finished: Queue[str], mailbox: list[Message], app: Flask
) -> None:
    before = now()
    response = client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    assert response.status_code == 201
    assert response.json == {"id": 1, "user_id": user_id, "total_cents": 1905}
    finished.get(timeout=30)
    assert [message.subject for message in mailbox] == ["Receipt for order 1"]
    with app.app_context():
        order = db.session.get(Order, 1)
        assert (order.user_id, order.total_cents, order.receipt_sent) == (user_id, 1905, True)
        placed_at, announced_at = (
            moment.replace(tzinfo=UTC) for moment in (order.placed_at, order.announced_at)
        )
        assert before <= placed_at <= announced_at <= now()


def test_a_request_does_not_wait_for_the_mail(
    client: FlaskClient, user_id: int, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    noted = []

    def publish(args: tuple[int], *_: object, **__: object) -> None:
        # From here on, a worker may hold the row.
        with app.app_context():
            noted.append(db.session.get_one(Order, args[0]).announced_at)

    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    with app.app_context():
        assert noted == [db.session.get_one(Order, 1).announced_at]
    assert noted != [None]


def test_an_order_is_saved_even_if_the_broker_is_away(
    client: FlaskClient,
    user_id: int,
    finished: Queue[str],
    mailbox: list[Message],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch.object(tasks.send_receipt, "apply_async", side_effect=OperationalError):
        response = client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    assert (response.status_code, response.json["id"]) == (201, 1)
    (record,) = [record for record in caplog.records if record.name == "shop"]
    assert (record.message, record.levelname) == ("Order 1 is announced later", "ERROR")
    assert record.exc_info
    # The broker is back, and five minutes have passed.
    with client.application.app_context():
        assert db.session.get_one(Order, 1).announced_at is None
        assert tasks.announce_late_orders() == 0
        db.session.execute(update(Order).values(placed_at=now() - timedelta(minutes=6)))
        db.session.commit()
        assert tasks.announce_late_orders() == 1
        finished.get(timeout=30)
        assert tasks.announce_late_orders() == 0
    assert [message.subject for message in mailbox] == ["Receipt for order 1"]


def test_order_of_an_unknown_user(client: FlaskClient) -> None:
    assert client.post("/orders", json={"user_id": 404, "total_cents": 1}).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"total_cents": 1}, "user_id must be an integer from 1 to 2147483647"),
        ({"user_id": 0, "total_cents": 1}, "user_id must be an integer from 1 to 2147483647"),
        ({"user_id": 2**31, "total_cents": 1}, "user_id must be an integer from 1 to 2147483647"),
        ({"user_id": 1}, "total_cents must be an integer from 1 to 10000000"),
        ({"user_id": 1, "total_cents": 0}, "total_cents must be an integer from 1 to 10000000"),
        (
            {"user_id": 1, "total_cents": 10_000_001},
            "total_cents must be an integer from 1 to 10000000",
        ),
    ],
)
def test_order_that_is_wrong(client: FlaskClient, body: dict[str, Any], error: str) -> None:
    response = client.post("/orders", json=body)
    assert response.status_code == 400
    assert response.json == {"error": error}


@pytest.mark.parametrize(
    "body",
    [{}, [], {"year": "2026"}, {"year": True}, {"year": None}, {"year": 1999}, {"year": 2101}],
)
def test_report_that_is_wrong(client: FlaskClient, body: object, app: Flask) -> None:
    response = client.post("/reports", json=body)
    assert response.status_code == 400
    assert response.json == {"error": "year must be an integer from 2000 to 2100"}
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_json_that_is_nested_too_deeply(client: FlaskClient) -> None:
    response = client.post("/reports", data="[" * 100_000, content_type="application/json")
    assert response.status_code == 400
    assert response.json == {"error": "the JSON is nested too deeply"}


@pytest.mark.parametrize("year", [2000, 2100])
def test_report_of_the_first_and_last_year(
    client: FlaskClient, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.make_report, "apply_async", publish)
    response = client.post("/reports", json={"year": year})
    assert response.status_code == 202
    publish.assert_called_once_with((year,), task_id=response.json["id"])


def test_report(client: FlaskClient, user_id: int, finished: Queue[str], app: Flask) -> None:
    with app.app_context():
        db.session.add(
            Order(user_id=user_id, total_cents=1905, placed_at=datetime(2026, 2, 28, tzinfo=UTC))
        )
        db.session.commit()
    response = client.post("/reports", json={"year": 2026})
    assert response.status_code == 202
    task_id = finished.get(timeout=30)
    assert response.json == {"id": task_id}
    assert response.headers["Location"] == f"/tasks/{task_id}"
    assert client.get(response.headers["Location"]).json == {
        "id": task_id,
        "state": "SUCCESS",
        "progress": 100,
        "result": {"orders": 1, "total_cents": 1905},
        "error": None,
    }


def test_progress_while_the_report_is_made(
    client: FlaskClient,
    user_id: int,
    finished: Queue[str],
    monkeypatch: pytest.MonkeyPatch,
    app: Flask,
) -> None:
    with app.app_context():
        db.session.add(
            Order(user_id=user_id, total_cents=1905, placed_at=datetime(2026, 2, 28, tzinfo=UTC))
        )
        db.session.commit()
    update_state = tasks.make_report.update_state
    seen = []

    def update_then_look(**state: object) -> None:
        update_state(**state)
        answer = app.test_client().get(f"/tasks/{tasks.make_report.request.id}").json
        seen.append((answer["state"], answer["progress"]))

    monkeypatch.setattr(tasks.make_report, "update_state", update_then_look)
    client.post("/reports", json={"year": 2026})
    finished.get(timeout=30)
    percent = [8, 16, 25, 33, 41, 50, 58, 66, 75, 83, 91, 100]
    assert seen == [("PROGRESS", number) for number in percent]


def test_state_of_an_unknown_task(client: FlaskClient) -> None:
    response = client.get("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5")
    assert response.status_code == 404
    assert response.json == {"error": "no such task"}


@pytest.mark.parametrize(
    ("state", "value", "expected"),
    [
        ("PENDING", None, {}),
        ("STARTED", {"pid": 42, "hostname": "worker"}, {}),
        ("PROGRESS", {"done": 1, "total": 8}, {"progress": 12}),
        ("SUCCESS", None, {"progress": 100}),
        ("SUCCESS", b"\x00", {"progress": 100, "result": "b'\\x00'"}),
        ("RETRY", OSError("the mail server is away"), {}),
        ("FAILURE", tasks.ReportError("no orders in 2031"), {"error": "no orders in 2031"}),
        (
            "FAILURE",
            ImageError("more than 25000000 pixels"),
            {"error": "more than 25000000 pixels"},
        ),
        ("FAILURE", OSError("/srv/shop/secret.txt"), {"error": "OSError"}),
        ("REVOKED", TaskRevokedError("terminated"), {"error": "terminated"}),
    ],
)
def test_every_state(
    client: FlaskClient, job_id: str, state: str, value: object, expected: dict[str, Any]
) -> None:
    client.application.extensions["celery"].backend.store_result(job_id, value, state)
    response = client.get(f"/tasks/{job_id}")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    unknown = {"id": job_id, "progress": 0, "result": None, "error": None}
    assert response.json == {**unknown, "state": state, **expected}


def test_task_that_ends_between_two_reads(
    client: FlaskClient, celery_app: Celery, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter([("PROGRESS", {"done": 1, "total": 2}), ("SUCCESS", {"orders": 1})])

    def read(_: str) -> dict[str, Any]:
        status, result = next(states)
        return {"status": status, "result": result}

    monkeypatch.setattr(celery_app.backend, "get_task_meta", read)
    answer = client.get(f"/tasks/{job_id}").json
    assert (answer["state"], answer["progress"], answer["result"]) == ("PROGRESS", 50, None)


@pytest.mark.parametrize("error", [OperationalError, RuntimeError("Retry limit exceeded")])
def test_no_report_begins(
    client: FlaskClient,
    job_id: str,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(tasks.make_report, "apply_async", MagicMock(side_effect=error))
    response = client.post("/reports", json={"year": 2026})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json == {"error": "try again later"}
    (record,) = [record for record in caplog.records if record.name == "shop"]
    assert record.message == "The broker or the result backend does not answer"
    assert record.exc_info
    with client.application.app_context():
        assert db.session.scalars(select(Job.id).where(~Job.cancelled)).all() == [job_id]
        assert db.session.scalars(select(Job.id).where(Job.cancelled)).one() != job_id


@pytest.mark.parametrize("error", [OperationalError, RedisConnectionError])
def test_nobody_is_archived(
    client: FlaskClient, user_id: int, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.archive_user, "apply_async", MagicMock(side_effect=error))
    response = client.post(f"/users/{user_id}/archive")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json == {"error": "try again later"}


@pytest.mark.parametrize("path", ["", "/events"])
def test_no_state(
    client: FlaskClient,
    celery_app: Celery,
    job_id: str,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = MagicMock(side_effect=RedisConnectionError)
    monkeypatch.setattr(celery_app.backend, "get_task_meta", read)
    response = client.get(f"/tasks/{job_id}{path}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json == {"error": "try again later"}


def test_archive(client: FlaskClient, user_id: int, finished: Queue[str], app: Flask) -> None:
    before = today()
    response = client.post(f"/users/{user_id}/archive")
    assert response.status_code == 202
    assert response.json == {"id": user_id}
    finished.get(timeout=30)
    with app.app_context():
        assert before <= db.session.get(User, user_id).archived_on <= today()


@pytest.mark.parametrize("user_id", [404, 2**31, 10**30])
def test_archive_an_unknown_user(client: FlaskClient, user_id: int) -> None:
    assert client.post(f"/users/{user_id}/archive").status_code == 404
