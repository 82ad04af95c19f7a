"""What the clients of the shop see when the broker or the result backend is away."""

import time
from datetime import timedelta
from queue import Queue
from unittest.mock import ANY, patch

import pytest
import redis
from celery import Task
from celery.backends.base import KeyValueStoreBackend
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from shop import errors, tasks
from shop.config import get_settings
from shop.database import Order, new_session, now
from sqlalchemy.orm import Session

NOBODY = "92275814-b856-4f88-80ff-cf40a8220fa2"
ORIGINAL_MAIL = tasks.mail
AWAY = {"error": "try again later"}


def place_order(client: TestClient) -> None:
    """Place the first order."""
    answer = client.post("/orders", json={"email": "ada@example.org"})
    assert (answer.status_code, answer.json()) == (201, {"id": 1})


def broker_is_away(error: Exception) -> object:
    """Let no task be sent."""
    return patch.object(Task, "apply_async", side_effect=error)


def announced(order_id: int) -> bool:
    """Tell whether the broker has an order."""
    with new_session() as session:
        return session.get_one(Order, order_id).announced


def receipt_sent() -> bool:
    """Tell whether the receipt of the first order is marked as sent."""
    with new_session() as session:
        return session.get_one(Order, 1).receipt_sent


def test_an_order(client: TestClient, mails: "Queue[str]") -> None:
    place_order(client)
    assert mails.get(timeout=30) == "ada@example.org: This is the receipt of order 1."
    assert announced(1)


def test_the_receipt_comes_later(
    client: TestClient, mails: "Queue[str]", caplog: pytest.LogCaptureFixture
) -> None:
    with broker_is_away(OperationalError()):
        place_order(client)
        client.post("/orders", json={"email": "bob@example.org"})
    assert caplog.messages == ["Order 1 is announced later", "Order 2 is announced later"]
    assert not announced(1)
    assert tasks.announce_late_orders() == 0  # a request may be on its way
    with new_session.begin() as session:
        session.get_one(Order, 1).placed_at = now() - timedelta(minutes=5)
    with broker_is_away(OperationalError()), pytest.raises(OperationalError):
        tasks.announce_late_orders()
    assert tasks.announce_late_orders() == 1
    assert mails.get(timeout=30) == "ada@example.org: This is the receipt of order 1."
    assert announced(1)
    assert not announced(2)
    assert tasks.announce_late_orders() == 0
    assert get_settings().late_seconds == 300


def test_a_mistake_is_not_taken_for_a_dead_broker(client: TestClient) -> None:
    with broker_is_away(ValueError("a mistake")), pytest.raises(ValueError, match="a mistake"):
        place_order(client)
    with broker_is_away(ValueError("a mistake")), pytest.raises(ValueError, match="a mistake"):
        client.post("/reports/2026")


def test_a_second_message_sends_no_second_mail(client: TestClient, mails: "Queue[str]") -> None:
    place_order(client)
    mails.get(timeout=30)
    while not receipt_sent():
        time.sleep(0.01)
    with patch.object(Session, "get_one", autospec=True, side_effect=Session.get_one) as get:
        tasks.send_receipt(1)
    get.assert_called_once_with(ANY, Order, 1, with_for_update=True)
    assert mails.empty()


@pytest.mark.parametrize("error", [OperationalError(), RuntimeError()], ids=repr)
def test_a_report_is_refused(
    client: TestClient, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with broker_is_away(error):
        answer = client.post("/reports/2026")
    assert (answer.status_code, answer.json()) == (503, AWAY)
    assert answer.headers["Retry-After"] == "30"
    logged = [record for record in caplog.records if record.name == errors.__name__]
    assert [record.getMessage() for record in logged] == [
        "The broker or the result backend does not answer"
    ]
    assert logged[0].exc_info


def test_a_report(client: TestClient) -> None:
    task_id = client.post("/reports/2026").json()["task_id"]
    assert tasks.make_report.AsyncResult(task_id).get(timeout=30, interval=0.01) == "report of 2026"
    assert client.get(f"/reports/{task_id}").json() == {"state": "SUCCESS"}


@pytest.mark.parametrize("error", [redis.ConnectionError(), redis.TimeoutError()], ids=repr)
def test_the_state_cannot_be_read(client: TestClient, error: Exception) -> None:
    with patch.object(KeyValueStoreBackend, "get_task_meta", side_effect=error):
        answer = client.get(f"/reports/{NOBODY}")
    assert (answer.status_code, answer.json()) == (503, AWAY)


def test_the_log_tells() -> None:
    with patch.object(tasks.logger, "info") as info:
        ORIGINAL_MAIL("ada@example.org", "Hello.")
    info.assert_called_once_with("to %s: %s", "ada@example.org", "Hello.")
