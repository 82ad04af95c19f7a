"""The shop, as a customer sees it."""

from http import HTTPStatus
from typing import Any

import pytest
from celery.result import AsyncResult
from flask.testing import FlaskClient


def receipt_of(client: FlaskClient, email: str) -> dict[str, Any]:
    """Order something, wait for the task to end, and return the receipt's status."""
    answer = client.post("/orders", data={"email": email})
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json["email"] == email
    url = answer.json["receipt"]
    task_id = url.removeprefix("/receipts/")
    AsyncResult(task_id).get(timeout=5, interval=0.01, propagate=False)
    status = client.get(url)
    assert status.status_code == HTTPStatus.OK
    return status.json


def test_the_receipt_is_sent(client: FlaskClient) -> None:
    assert receipt_of(client, "ada@example.com") == {
        "state": "SUCCESS",
        "result": "sent to ada@example.com",
    }


def test_a_failed_receipt_is_no_server_error(client: FlaskClient) -> None:
    assert receipt_of(client, "nobody") == {
        "state": "FAILURE",
        "error": "not an e-mail address: nobody",
    }


def test_an_order_without_an_address_is_refused(client: FlaskClient) -> None:
    assert client.post("/orders").status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("task_id", ["1", "../../etc/passwd"])
def test_only_a_task_id_has_a_receipt(client: FlaskClient, task_id: str) -> None:
    assert client.get(f"/receipts/{task_id}").status_code == HTTPStatus.NOT_FOUND
