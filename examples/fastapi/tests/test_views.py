"""The HTTP interface, with the tasks that it starts."""

from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from celery import Celery
from celery.exceptions import TaskRevokedError
from fastapi import FastAPI
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from shop import tasks
from shop.database import new_session
from shop.models import Job, Order, User, now, today
from shop.thumbnails import ImageError
from sqlalchemy import select, update

from conftest import add

UNKNOWN = "b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"
JSON = {"Content-Type": "application/json"}


def order_of(user_id: int, total_cents: int = 1905, *date: int) -> Order:
    """Make an order, of a date or of the last day of February."""
    placed_at = datetime(*(date or (2026, 2, 28)), tzinfo=UTC)
    return Order(user_id=user_id, total_cents=total_cents, placed_at=placed_at)


def count(model: type[Order | Job]) -> int:
    """Return the number of rows."""
    with new_session() as session:
        return session.query(model).count()


def test_order(client: TestClient, user_id: int, finished: Queue[str], smtp: MagicMock) -> None:
    before = now()
    response = client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    assert response.status_code == 201
    assert response.json() == {"id": 1, "user_id": user_id, "total_cents": 1905}
    finished.get(timeout=30)
    (message,) = smtp.server.send_message.call_args.args
    assert message["Subject"] == "Receipt for order 1"
    with new_session() as session:
        order = session.get_one(Order, 1)
        assert (order.user_id, order.total_cents, order.receipt_sent) == (user_id, 1905, True)
        # SQLite keeps no time zone.
        placed_at, announced_at = (
            moment.replace(tzinfo=UTC) for moment in (order.placed_at, order.announced_at)
        )
        assert before <= placed_at <= announced_at <= now()


def test_a_request_does_not_wait_for_the_mail(
    client: TestClient, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = []

    def publish(args: tuple[int], _: object) -> None:
        # The row is there, and from here on a worker may hold it.
        with new_session() as session:
            noted.append(session.get_one(Order, args[0]).announced_at)

    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    with new_session() as session:
        assert noted == [session.get_one(Order, 1).announced_at]
    assert noted != [None]


def test_an_order_is_saved_even_if_the_broker_is_away(
    client: TestClient,
    user_id: int,
    finished: Queue[str],
    smtp: MagicMock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch.object(tasks.send_receipt, "apply_async", side_effect=OperationalError):
        response = client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    assert (response.status_code, response.json()["id"]) == (201, 1)
    (record,) = [record for record in caplog.records if record.name == "shop.routers.orders"]
    assert (record.message, record.levelname) == ("Order 1 is announced later", "ERROR")
    assert record.exc_info
    with new_session() as session:
        assert session.get_one(Order, 1).announced_at is None
    # The broker is back, and five minutes have passed.
    assert tasks.announce_late_orders() == 0
    with new_session.begin() as session:
        session.execute(update(Order).values(placed_at=now() - timedelta(minutes=6)))
    assert tasks.announce_late_orders() == 1
    finished.get(timeout=30)
    smtp.server.send_message.assert_called_once()
    assert tasks.announce_late_orders() == 0


def test_order_of_an_unknown_user(client: TestClient) -> None:
    response = client.post("/orders", json={"user_id": 2**31 - 1, "total_cents": 1})
    assert response.status_code == 404
    assert response.json() == {"error": "no such user"}
    assert count(Order) == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"total_cents": 1}, "user_id: Field required"),
        ({"user_id": 0, "total_cents": 1}, "user_id: Input should be greater than or equal to 1"),
        (
            {"user_id": 2**31, "total_cents": 1},
            "user_id: Input should be less than or equal to 2147483647",
        ),
        ({"user_id": 7}, "total_cents: Field required"),
        (
            {"user_id": 7, "total_cents": 0},
            "total_cents: Input should be greater than or equal to 1",
        ),
        (
            {"user_id": 7, "total_cents": 10_000_001},
            "total_cents: Input should be less than or equal to 10000000",
        ),
        ({"user_id": "7", "total_cents": 1}, "user_id: Input should be a valid integer"),
        ({"user_id": 7, "total_cents": True}, "total_cents: Input should be a valid integer"),
    ],
)
@pytest.mark.usefixtures("user_id")
def test_order_that_is_wrong(client: TestClient, body: dict[str, Any], error: str) -> None:
    response = client.post("/orders", json=body)
    assert response.status_code == 400
    assert response.json() == {"error": error}
    assert count(Order) == 0


@pytest.mark.parametrize("total_cents", [1, 10_000_000])
def test_least_and_most(
    client: TestClient, user_id: int, total_cents: int, finished: Queue[str]
) -> None:
    response = client.post("/orders", json={"user_id": user_id, "total_cents": total_cents})
    assert response.status_code == 201
    finished.get(timeout=30)


def test_order_of_the_first_user(client: TestClient, finished: Queue[str]) -> None:
    add(User(id=1, email="grace@example.org"))
    assert client.post("/orders", json={"user_id": 1, "total_cents": 1}).status_code == 201
    finished.get(timeout=30)


@pytest.mark.parametrize(
    "body",
    [{}, [], {"year": "2026"}, {"year": True}, {"year": None}, {"year": 1999}, {"year": 2101}],
)
def test_report_that_is_wrong(client: TestClient, body: object) -> None:
    response = client.post("/reports", json=body)
    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    assert count(Job) == 0


@pytest.mark.parametrize("content", [b"", b" ", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json(client: TestClient, content: bytes) -> None:
    response = client.post("/reports", content=content, headers=JSON)
    assert response.status_code == 400
    assert response.json() in (
        {"error": "body: Field required"},
        {"error": "body: JSON decode error"},
        {"error": "There was an error parsing the body"},
    )


@pytest.mark.parametrize("path", ["/orders", "/reports"])
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsons", None]
)
def test_another_content_type(client: TestClient, path: str, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.post(path, content=b'{"year": 2026}', headers=headers)
    assert response.status_code == 415
    assert response.json() == {"error": "Content-Type must be application/json"}


@pytest.mark.parametrize("year", [2000, 2100])
def test_report_of_the_first_and_last_year(
    client: TestClient, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.make_report, "apply_async", publish)
    content_type = {"Content-Type": "Application/JSON ; charset=utf-8"}
    response = client.post("/reports", content=f'{{"year": {year}}}', headers=content_type)
    assert response.status_code == 202
    publish.assert_called_once_with((year,), task_id=response.json()["id"])


def test_report(client: TestClient, user_id: int, finished: Queue[str]) -> None:
    add(order_of(user_id))
    response = client.post("/reports", json={"year": 2026})
    assert response.status_code == 202
    task_id = finished.get(timeout=30)
    assert response.json() == {"id": task_id}
    assert response.headers["Location"] == f"/tasks/{task_id}"
    assert client.get(response.headers["Location"]).json() == {
        "id": task_id,
        "state": "SUCCESS",
        "progress": 100,
        "result": {"orders": 1, "total_cents": 1905},
        "error": None,
    }


def test_progress_while_the_report_is_made(
    app: FastAPI,
    client: TestClient,
    user_id: int,
    finished: Queue[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(order_of(user_id))
    update_state = tasks.make_report.update_state
    seen = []

    def update_then_look(**state: object) -> None:
        update_state(**state)
        answer = TestClient(app).get(f"/tasks/{tasks.make_report.request.id}").json()
        seen.append((answer["state"], answer["progress"]))

    monkeypatch.setattr(tasks.make_report, "update_state", update_then_look)
    client.post("/reports", json={"year": 2026})
    finished.get(timeout=30)
    percent = [8, 16, 25, 33, 41, 50, 58, 66, 75, 83, 91, 100]
    assert seen == [("PROGRESS", number) for number in percent]


@pytest.mark.parametrize("error", [OperationalError, RuntimeError("Retry limit exceeded")])
def test_no_report_begins(
    client: TestClient,
    job_id: str,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(tasks.make_report, "apply_async", MagicMock(side_effect=error))
    response = client.post("/reports", json={"year": 2026})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json() == {"error": "try again later"}
    (record,) = [record for record in caplog.records if record.name == "shop.errors"]
    assert record.message == "The broker or the result backend does not answer"
    assert record.exc_info
    with new_session() as session:
        assert session.scalars(select(Job.id).where(~Job.cancelled)).all() == [job_id]
        assert session.scalars(select(Job.id).where(Job.cancelled)).one() != job_id


@pytest.mark.parametrize("error", [OperationalError, RedisConnectionError])
def test_nobody_is_archived(
    client: TestClient, user_id: int, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.archive_user, "apply_async", MagicMock(side_effect=error))
    response = client.post(f"/users/{user_id}/archive")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json() == {"error": "try again later"}


@pytest.mark.parametrize("path", ["", "/events"])
def test_no_state(
    client: TestClient,
    celery_app: Celery,
    job_id: str,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of the class: each thread has a backend of its own.
    backend = type(celery_app.backend)
    monkeypatch.setattr(backend, "get_task_meta", MagicMock(side_effect=RedisConnectionError))
    response = client.get(f"/tasks/{job_id}{path}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json() == {"error": "try again later"}


def test_state_of_an_unknown_task(client: TestClient) -> None:
    response = client.get(f"/tasks/{UNKNOWN}")
    assert response.status_code == 404
    assert response.json() == {"error": "no such task"}


@pytest.mark.parametrize(
    "path", ["/tasks/1", "/tasks/%00", "/tasks/1/events", "/images/shop.db", "/orders/"]
)
def test_what_cannot_exist(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json() == {"error": "Not Found"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (("PENDING", None), {}),
        (("STARTED", {"pid": 42, "hostname": "worker"}), {}),
        (("PROGRESS", {"done": 1, "total": 8}), {"progress": 12}),
        (("SUCCESS", None), {"progress": 100}),
        (("SUCCESS", b"\x00"), {"progress": 100, "result": "b'\\x00'"}),
        (("SUCCESS", [float("nan")]), {"progress": 100, "result": [None]}),
        (("RETRY", OSError("the mail server is away")), {}),
        (("FAILURE", tasks.ReportError("no orders in 2031")), {"error": "no orders in 2031"}),
        (("FAILURE", ImageError("more than 25 pixels")), {"error": "more than 25 pixels"}),
        (("FAILURE", OSError("/srv/shop/secret.txt")), {"error": "OSError"}),
        (("REVOKED", TaskRevokedError("terminated")), {"error": "terminated"}),
    ],
)
def test_every_state(
    client: TestClient,
    celery_app: Celery,
    job_id: str,
    stored: tuple[str, object],
    expected: dict[str, Any],
) -> None:
    state, value = stored
    celery_app.backend.store_result(job_id, value, state)
    response = client.get(f"/tasks/{job_id}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    unknown = {"id": job_id, "progress": 0, "result": None, "error": None}
    assert response.json() == {**unknown, "state": state, **expected}


def test_task_that_ends_between_two_reads(
    client: TestClient, celery_app: Celery, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [
        {"status": "PROGRESS", "result": {"done": 1, "total": 2}},
        {"status": "SUCCESS", "result": {"orders": 1}},
    ]
    backend = type(celery_app.backend)
    monkeypatch.setattr(backend, "get_task_meta", MagicMock(side_effect=states))
    answer = client.get(f"/tasks/{job_id}").json()
    assert (answer["state"], answer["progress"], answer["result"]) == ("PROGRESS", 50, None)


def test_archive(client: TestClient, user_id: int, finished: Queue[str]) -> None:
    before = today()
    response = client.post(f"/users/{user_id}/archive")
    assert response.status_code == 202
    assert response.json() == {"id": user_id}
    finished.get(timeout=30)
    with new_session() as session:
        assert before <= session.get_one(User, user_id).archived_on <= today()


def test_archive_the_first_user(client: TestClient, finished: Queue[str]) -> None:
    add(User(id=1, email="grace@example.org"))
    assert client.post("/users/1/archive").status_code == 202
    finished.get(timeout=30)


@pytest.mark.parametrize(
    ("user_id", "error"),
    [
        ("404", "no such user"),
        (str(2**31 - 1), "no such user"),
        (str(2**31), "Not Found"),
        ("1" + "0" * 30, "Not Found"),
        ("0", "Not Found"),
        ("ada", "Not Found"),
    ],
)
def test_archive_an_unknown_user(client: TestClient, user_id: str, error: str) -> None:
    response = client.post(f"/users/{user_id}/archive")
    assert response.status_code == 404
    assert response.json() == {"error": error}
