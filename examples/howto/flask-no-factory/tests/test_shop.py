"""The shop, as a customer sees it."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from celery.result import AsyncResult
from flask.testing import FlaskClient
from shop import app, celery_app, send_receipt


def receipt_of(client: FlaskClient, email: str) -> dict[str, Any]:
    """Order something, wait for the task to end, and return the receipt's status."""
    answer = client.post("/orders", data={"email": email})
    assert answer.status_code == HTTPStatus.CREATED
    url = answer.json["receipt"]
    task_id = url.removeprefix("/receipts/")
    AsyncResult(task_id).get(timeout=5, interval=0.01, propagate=False)
    status = client.get(url)
    assert status.status_code == HTTPStatus.OK
    return status.json


def test_the_task_works_as_a_function() -> None:
    message = send_receipt(email="ada@example.com")
    assert message == "sent from shop@example.com to ada@example.com"


def test_the_task_reads_flask_s_configuration(client: FlaskClient) -> None:
    assert receipt_of(client, "ada@example.com") == {
        "state": "SUCCESS",
        "result": "sent from shop@example.com to ada@example.com",
    }


def test_a_failed_receipt_is_no_server_error(client: FlaskClient) -> None:
    assert receipt_of(client, "nobody") == {
        "state": "FAILURE",
        "error": "not an e-mail address: nobody",
    }


def test_another_thread_finds_the_same_app(client: FlaskClient) -> None:
    with ThreadPoolExecutor() as server:
        status = server.submit(receipt_of, client, "ada@example.com").result()
    assert status["state"] == "SUCCESS"


def test_an_order_without_an_address_is_refused(client: FlaskClient) -> None:
    assert client.post("/orders").status_code == HTTPStatus.BAD_REQUEST


def test_a_receipt_has_the_id_of_a_task(client: FlaskClient) -> None:
    assert client.get("/receipts/1").status_code == HTTPStatus.NOT_FOUND


def test_flask_knows_its_celery_app() -> None:
    assert app.extensions["celery"] is celery_app
