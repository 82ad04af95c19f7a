"""The shop, as a customer sees it."""

from typing import Any

import pytest
from fastapi import status
from fastapi.testclient import TestClient
from shop.celery_app import celery_app


def receipt_of(client: TestClient, email: str) -> dict[str, Any]:
    """Order something, wait for the task to end, and return the receipt's status."""
    answer = client.post("/orders", json={"email": email})
    assert answer.status_code == status.HTTP_201_CREATED
    assert answer.json()["email"] == email
    url = answer.json()["receipt"]
    task_id = url.removeprefix("/receipts/")
    celery_app.AsyncResult(task_id).get(timeout=5, interval=0.01, propagate=False)
    receipt = client.get(url)
    assert receipt.status_code == status.HTTP_200_OK
    return receipt.json()


def test_the_receipt_is_sent(client: TestClient) -> None:
    assert receipt_of(client, "ada@example.com") == {
        "state": "SUCCESS",
        "result": "sent to ada@example.com",
    }


def test_a_failed_receipt_is_no_server_error(client: TestClient) -> None:
    assert receipt_of(client, "nobody") == {
        "state": "FAILURE",
        "error": "not an e-mail address: nobody",
    }


def test_a_receipt_that_nobody_has_sent_is_pending(client: TestClient) -> None:
    answer = client.get("/receipts/92275814-b856-4f88-80ff-cf40a8220fa2")
    assert answer.status_code == status.HTTP_200_OK
    assert answer.json() == {"state": "PENDING"}


def test_an_order_without_an_address_is_refused(client: TestClient) -> None:
    answer = client.post("/orders", json={})
    assert answer.status_code == status.HTTP_422_UNPROCESSABLE_CONTENT


@pytest.mark.parametrize("task_id", ["1", "celery-task-meta"])
def test_only_a_task_id_has_a_receipt(client: TestClient, task_id: str) -> None:
    answer = client.get(f"/receipts/{task_id}")
    assert answer.status_code == status.HTTP_422_UNPROCESSABLE_CONTENT
