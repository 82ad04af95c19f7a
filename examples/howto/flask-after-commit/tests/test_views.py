"""The routes, with their tasks."""

from http import HTTPStatus

import pytest
from celery.result import AsyncResult
from flask import Flask
from flask.testing import FlaskClient
from shop.outbox import relay


def outcome(task_id: str) -> str:
    """Wait for a task to end, and return what it returned."""
    return AsyncResult(task_id).get(timeout=5, interval=0.01)


def test_an_order(client: FlaskClient) -> None:
    answer = client.post("/orders", data={"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED
    assert outcome(answer.json["receipt"]) == "sent to ada@example.com"


def test_a_group(client: FlaskClient) -> None:
    answer = client.post("/group-orders", data={"email": ["ada@example.com", "bob@example.com"]})
    assert answer.status_code == HTTPStatus.CREATED
    receipts = [outcome(task_id) for task_id in answer.json["receipts"]]
    assert receipts == ["sent to ada@example.com", "sent to bob@example.com"]


def test_a_group_with_a_customer_who_has_an_order(app: Flask, sent: list[tuple[int, str]]) -> None:
    form = {"email": ["ada@example.com", "bob@example.com", "ada@example.com"]}
    client = app.test_client()
    answer = client.post("/group-orders", data=form)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.json == {"error": "this customer has an order"}
    assert sent == []
    assert client.post("/orders", data={"email": "bob@example.com"}).json != answer.json


@pytest.mark.parametrize("url", ["/orders", "/safe-orders"])
def test_an_order_without_an_address(app: Flask, url: str) -> None:
    assert app.test_client().post(url).status_code == HTTPStatus.BAD_REQUEST


def test_a_safe_order(client: FlaskClient) -> None:
    answer = client.post("/safe-orders", data={"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED
    assert relay.delay().get() is None
    assert outcome(answer.json["receipt"]) == "sent to ada@example.com"
