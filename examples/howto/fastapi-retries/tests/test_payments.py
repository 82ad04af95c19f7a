"""What is tried again, how often, and after which pauses."""

from collections.abc import Callable
from unittest.mock import Mock

import bank
import httpx2
import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded, TaskRevokedError
from fastapi.testclient import TestClient
from shop import payments, tasks

NOBODY = "92275814-b856-4f88-80ff-cf40a8220fa2"


def pay(client: TestClient) -> dict[str, str]:
    """Pay order 1, wait for the end, and return what the client is told."""
    answer = client.post("/orders/1/payment", json={"cents": 1905})
    assert answer.status_code == 202
    task_id = answer.json()["task_id"]
    tasks.charge.AsyncResult(task_id).get(timeout=30, interval=0.01, propagate=False)
    return client.get(f"/payments/{task_id}").json()


def test_a_payment(client: TestClient, waits: list[float]) -> None:
    assert pay(client) == {"state": "paid", "receipt": "receipt of order-1"}
    assert bank.charged == {"order-1": 1905}
    assert waits == []


def test_the_customer_is_charged_once(client: TestClient, waits: list[float]) -> None:
    bank.trouble += [500, 503, 504]  # it has charged the card, and cannot say so
    assert pay(client) == {"state": "paid", "receipt": "receipt of order-1"}
    assert bank.keys == ["order-1"] * 4
    assert bank.charged == {"order-1": 1905}
    assert len(waits) == 3


def test_each_order_has_its_key() -> None:
    assert [payments.charge(1, 1905), payments.charge(2, 700)] == [
        "receipt of order-1",
        "receipt of order-2",
    ]
    assert bank.charged == {"order-1": 1905, "order-2": 700}


def test_a_bank_that_is_always_busy(waits: list[float]) -> None:
    bank.trouble += [429] * 9
    assert repr(tasks.charge.apply((1, 1905)).result) == "BankBusyError(7)"
    assert waits == [7] * 9


def test_the_bank_says_when(client: TestClient, waits: list[float]) -> None:
    bank.trouble += [429]
    assert pay(client)["state"] == "paid"
    assert waits == [7]


def test_a_refusal_is_final(client: TestClient, waits: list[float]) -> None:
    bank.trouble += [402]
    assert pay(client) == {"state": "failed", "error": "the bank answered 402"}
    assert waits == []


def test_at_the_end(client: TestClient, waits: list[float]) -> None:
    bank.trouble += [503] * 9
    assert pay(client) == {"state": "failed", "error": "try again later"}
    assert len(bank.keys) == 9
    # The last one is asked for, and refused.
    assert len(waits) == 9


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (httpx2.ConnectError("refused"), 9),
        (httpx2.ReadTimeout("no answer"), 9),
        (payments.BankUnavailableError("503"), 9),
        (SoftTimeLimitExceeded(), 9),
        (httpx2.UnsupportedProtocol("no http://"), 1),
        (payments.PaymentRefusedError("402"), 1),
        (ValueError("a mistake of ours"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_tried_again(
    client: TestClient,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    attempts: int,
) -> None:
    bank = Mock(side_effect=error)
    monkeypatch.setattr(payments, "charge", bank)
    assert pay(client)["state"] == "failed"
    assert bank.call_count == attempts
    bank.assert_called_with(1, 1905)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, payments.PaymentRefusedError),
        (400, payments.PaymentRefusedError),
        (404, payments.PaymentRefusedError),
        (408, payments.BankUnavailableError),
        (429, payments.BankBusyError),
        (500, payments.BankUnavailableError),
        (599, payments.BankUnavailableError),
    ],
)
def test_answers_of_the_bank(status: int, error: type[Exception]) -> None:
    bank.trouble.append(status)
    with pytest.raises(error):
        payments.charge(1, 1905)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("86400", 300),
        ("²", 60),
        ("", 60),
        ("Sat, 21 Nov 2026 09:30:00 GMT", 60),
    ],
)
def test_when_the_bank_wants_to_be_asked(header: str, seconds: int) -> None:
    assert payments.pause(header) == seconds


@pytest.mark.parametrize("state", ["PENDING", "STARTED", "RETRY"])
def test_a_client_waits(client: TestClient, celery_app: Celery, state: str) -> None:
    result = ValueError("secret") if state == "RETRY" else None
    celery_app.backend.store_result(NOBODY, result, state)
    assert client.get(f"/payments/{NOBODY}").json() == {"state": "pending"}
    celery_app.backend.forget(NOBODY)


def test_a_payment_that_was_revoked(client: TestClient, celery_app: Celery) -> None:
    celery_app.backend.store_result(NOBODY, TaskRevokedError("terminated"), "REVOKED")
    expected = {"state": "failed", "error": "try again later"}
    assert client.get(f"/payments/{NOBODY}").json() == expected
    celery_app.backend.forget(NOBODY)


def test_the_client_of_the_bank(real_client: Callable[[], httpx2.Client]) -> None:
    with real_client() as bank:
        assert str(bank.base_url) == "http://127.0.0.1:8001"
        assert bank.timeout == httpx2.Timeout(5)


def test_the_task() -> None:
    assert (tasks.charge.retry_backoff, tasks.charge.retry_backoff_max) == (2, 300)
    assert (tasks.charge.soft_time_limit, tasks.charge.time_limit) == (30, 40)


def test_the_bank_tells() -> None:
    with TestClient(bank.app) as client:
        client.post("/trouble/402")
        assert bank.trouble == [402]
        assert client.get("/charged").json() == {}
