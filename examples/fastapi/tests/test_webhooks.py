"""The webhook: what is sent, and what is tried again."""

from queue import Queue
from unittest.mock import MagicMock

import pytest
import requests
from celery import Celery
from fastapi.testclient import TestClient
from shop import tasks, webhooks
from shop.config import Settings
from shop.database import new_session
from shop.models import Order
from sqlalchemy.exc import NoResultFound

from conftest import add

URL = "https://receiver.example.org/orders"


def answer(status: int) -> requests.Response:
    """Build an answer of the receiver."""
    response = requests.Response()
    response.status_code = status
    return response


@pytest.fixture
def post(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Put something in the place of requests.post()."""
    settings.webhook_url = URL
    post = MagicMock(return_value=answer(204))
    monkeypatch.setattr(requests, "post", post)
    return post


@pytest.fixture
def order_id(user_id: int) -> int:
    """Save an order and return the id."""
    add(Order(id=1, user_id=user_id, total_cents=1905))
    return 1


def webhook_sent() -> bool:
    """Return whether the order is marked."""
    with new_session() as session:
        return session.get_one(Order, 1).webhook_sent


@pytest.fixture
def waits(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """Collect how the time until a retry is computed, and wait for none."""
    # Otherwise apply() raises celery.exceptions.Retry in place of trying again.
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", False)
    asked: list[dict[str, int]] = []

    def ask(**arguments: int) -> int:
        asked.append(arguments)
        return 0

    monkeypatch.setattr("celery.app.autoretry.get_exponential_backoff_interval", ask)
    return asked


def test_an_order_is_told(
    client: TestClient, user_id: int, post: MagicMock, finished: Queue[str]
) -> None:
    client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    for _ in ("the receipt", "the webhook"):
        finished.get(timeout=30)
    post.assert_called_once_with(
        URL,
        json={"order_id": 1, "total_cents": 1905},
        headers={"Idempotency-Key": "order-1"},
        timeout=10,
        allow_redirects=False,
    )


def test_without_a_url_nobody_is_told(
    settings: Settings,
    client: TestClient,
    user_id: int,
    post: MagicMock,
    finished: Queue[str],
) -> None:
    settings.webhook_url = ""
    client.post("/orders", json={"user_id": user_id, "total_cents": 1905})
    finished.get(timeout=30)
    assert finished.empty()
    post.assert_not_called()


def test_what_may_pass_is_tried_again(
    order_id: int, post: MagicMock, waits: list[dict[str, int]]
) -> None:
    post.side_effect = [requests.ConnectionError, requests.Timeout, answer(503), answer(200)]
    assert tasks.send_webhook.apply((order_id,)).state == "SUCCESS"
    keys = [call.kwargs["headers"]["Idempotency-Key"] for call in post.call_args_list]
    assert keys == ["order-1"] * 4
    assert webhook_sent() is True
    assert waits == [
        {"factor": 30, "retries": retries, "maximum": 600, "full_jitter": True}
        for retries in range(3)
    ]


@pytest.mark.usefixtures("waits")
def test_the_last_error_is_raised(order_id: int, post: MagicMock) -> None:
    post.return_value = answer(500)
    with pytest.raises(requests.HTTPError, match=r"^500 Server Error"):
        tasks.send_webhook.apply((order_id,)).get()
    assert post.call_count == 9
    assert webhook_sent() is False


def test_a_refusal_is_final(order_id: int, post: MagicMock) -> None:
    post.return_value = answer(410)
    with pytest.raises(webhooks.WebhookRefusedError, match=r"^the receiver answered 410$"):
        tasks.send_webhook.apply((order_id,), throw=True)
    assert post.call_count == 1
    assert webhook_sent() is False


def test_a_second_message_tells_nobody(order_id: int, post: MagicMock) -> None:
    tasks.send_webhook(order_id)
    tasks.send_webhook(order_id)
    assert post.call_count == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, None),
        (299, None),
        (300, webhooks.WebhookRefusedError),
        (307, webhooks.WebhookRefusedError),
        (404, webhooks.WebhookRefusedError),
        (408, requests.HTTPError),
        (429, requests.HTTPError),
        (499, webhooks.WebhookRefusedError),
        (500, requests.HTTPError),
        (599, requests.HTTPError),
    ],
)
def test_every_answer(post: MagicMock, status: int, error: type[Exception] | None) -> None:
    post.return_value = answer(status)
    if error is None:
        webhooks.deliver(URL, "key", {})
    else:
        with pytest.raises(error):
            webhooks.deliver(URL, "key", {})


def test_an_order_that_is_gone(post: MagicMock) -> None:
    with pytest.raises(NoResultFound):
        tasks.send_webhook(404)
    post.assert_not_called()
