"""The shop, as a client sees it."""

from collections.abc import Callable

import pytest
from celery import Task
from celery.exceptions import TaskRevokedError
from fastapi.testclient import TestClient
from pydantic import ValidationError
from shop.celery_app import celery_app
from shop.main import app
from shop.tasks import make_price_list, send_receipt

UNKNOWN = "/price-lists/3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"
Ended = Callable[[Task], str]


def order(client: TestClient, currency: str, ended: Ended) -> str:
    """Order a price list, wait for it, and return its address."""
    answer = client.post(f"/price-lists/{currency}")
    task_id = ended(make_price_list)
    assert (answer.status_code, answer.json()) == (202, {"id": task_id})
    assert answer.headers["Location"] == f"/price-lists/{task_id}"
    return answer.headers["Location"]


def test_reading_forgets_nothing(client: TestClient, ended: Ended) -> None:
    url = order(client, "EUR", ended)
    expected = {"state": "ready", "prices": {"tea": "4.90", "cup": "12.50"}}
    assert [client.get(url).json(), client.get(url).json()] == [expected, expected]
    assert client.delete(url).status_code == 204
    assert client.get(url).json() == {"state": "waiting"}


def test_no_prices(client: TestClient, ended: Ended) -> None:
    answer = client.get(order(client, "XXX", ended))
    assert answer.status_code == 200
    assert answer.json() == {"state": "failed", "error": "no prices in XXX"}


@pytest.mark.parametrize(
    ("state", "error", "name"),
    [
        ("FAILURE", OSError("/srv/shop/secret"), "OSError"),
        ("REVOKED", TaskRevokedError("terminated"), "TaskRevokedError"),
    ],
)
def test_another_error_is_its_type(
    client: TestClient, state: str, error: Exception, name: str
) -> None:
    task_id = UNKNOWN.removeprefix("/price-lists/")
    celery_app.backend.store_result(task_id, error, state)
    assert client.get(UNKNOWN).json() == {"state": "failed", "error": name}
    celery_app.AsyncResult(task_id).forget()


def test_an_unknown_id_is_waiting(client: TestClient) -> None:
    assert client.get(UNKNOWN).json() == {"state": "waiting"}
    assert client.delete(UNKNOWN).status_code == 204
    assert client.get("/price-lists/1").status_code == 422


def test_nothing_is_forgotten_that_is_not_ready(client: TestClient) -> None:
    task_id = UNKNOWN.removeprefix("/price-lists/")
    celery_app.backend.store_result(task_id, None, "STARTED")
    assert client.delete(UNKNOWN).status_code == 204
    assert celery_app.AsyncResult(task_id).state == "STARTED"
    celery_app.AsyncResult(task_id).forget()


def test_openapi_knows_the_three_answers() -> None:
    get = app.openapi()["paths"]["/price-lists/{task_id}"]["get"]
    schema = get["responses"]["200"]["content"]["application/json"]["schema"]
    assert sorted(schema["discriminator"]["mapping"]) == ["failed", "ready", "waiting"]


def test_a_result_of_last_week_does_not_fit(client: TestClient) -> None:
    task_id = UNKNOWN.removeprefix("/price-lists/")
    # Before you deployed, it was a list.
    celery_app.backend.store_result(task_id, ["tea: 4.90"], "SUCCESS")
    with pytest.raises(ValidationError, match="Input should be a valid dictionary"):
        client.get(UNKNOWN)
    celery_app.AsyncResult(task_id).forget()


def test_a_receipt(client: TestClient, ended: Ended) -> None:
    assert client.post("/receipts/7").status_code == 202
    assert ended(send_receipt)
