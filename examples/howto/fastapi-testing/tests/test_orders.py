"""The routes of the orders."""

import asyncio
from collections.abc import Callable
from queue import Empty, SimpleQueue
from unittest.mock import patch

import httpx2
import pytest
from fastapi.testclient import TestClient
from kombu import Message
from shop.config import Settings, get_settings
from shop.main import create_app
from shop.tasks import send_receipt
from sqlalchemy.exc import OperationalError

ADA = {"email": "ada@example.org"}


def test_an_order_and_its_receipt(
    client: TestClient, finished: SimpleQueue[str], mails: list[tuple[str, str, str]]
) -> None:
    answer = client.post("/orders", json=ADA)
    assert answer.status_code == 201
    finished.get(timeout=30)
    assert mails == [("shop@example.org", "ada@example.org", "receipt of order 1")]


def test_what_the_endpoint_sends(take: Callable[[str], Message]) -> None:
    with TestClient(create_app()) as client:
        order = client.post("/orders", json=ADA).json()
    message = take("mail")
    assert message.headers["task"] == "shop.tasks.send_receipt"
    args, kwargs, _ = message.payload
    assert (args, kwargs) == ([order["id"]], {})


def test_a_message_is_taken_once(take: Callable[[str], Message]) -> None:
    send_receipt.delay(1)
    assert take("mail").payload[0] == [1]
    with pytest.raises(Empty):
        take("mail")


def test_what_the_endpoint_calls(client: TestClient) -> None:
    with patch.object(send_receipt, "delay") as delay:
        order = client.post("/orders", json=ADA).json()
    delay.assert_called_once_with(order["id"])


def test_a_mock_takes_any_arguments() -> None:
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        send_receipt.delay(1, "ada@example.org")
    with patch.object(send_receipt, "delay") as delay:
        send_receipt.delay(1, "ada@example.org")
    delay.assert_called_once_with(1, "ada@example.org")


def test_an_override_does_not_reach_the_task(
    finished: SimpleQueue[str], mails: list[tuple[str, str, str]], worker: None
) -> None:
    app = create_app()
    app.dependency_overrides[get_settings] = lambda: Settings(sender="test@example.org")
    with TestClient(app) as client:
        order = client.post("/orders", json=ADA).json()
    finished.get(timeout=30)
    assert order["sender"] == "test@example.org"
    assert mails[0][0] == "shop@example.org"


def test_a_setting_for_endpoint_and_task(
    client: TestClient,
    finished: SimpleQueue[str],
    mails: list[tuple[str, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_settings(), "sender", "test@example.org")
    order = client.post("/orders", json=ADA).json()
    finished.get(timeout=30)
    assert order["sender"] == mails[0][0] == "test@example.org"


def test_the_app_starts_in_a_with_block(mails: list[tuple[str, str, str]], worker: None) -> None:
    client = TestClient(create_app())
    with pytest.raises(OperationalError, match="no such table: orders"):
        client.post("/orders", json=ADA)
    with client:
        assert client.post("/orders", json=ADA).status_code == 201


def test_a_test_that_awaits(finished: SimpleQueue[str], worker: None) -> None:
    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(create_app())
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.post("/orders/1/partners")

    assert asyncio.run(send()).status_code == 202
    finished.get(timeout=30)
