"""The shop, as a customer sees it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
from celery import Task, shared_task, states
from flask import current_app
from flask.testing import FlaskClient
from shop import NoPrices, app, celery_app, load_prices, send_receipt

UNKNOWN = "/price-lists/3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"


@shared_task(ignore_result=False)
def name_of_the_application() -> str:
    """Return the name of Flask's application; there is no request."""
    return current_app.name


def order_price_list(client: FlaskClient, currency: str) -> str:
    """Order a price list, wait for it, and return its address."""
    answer = client.post("/price-lists", data={"currency": currency})
    assert answer.status_code == HTTPStatus.ACCEPTED
    url = answer.json["price_list"]
    result = celery_app.AsyncResult(url.removeprefix("/price-lists/"))
    result.get(timeout=5, interval=0.01, propagate=False)
    return url


def read(client: FlaskClient, url: str) -> dict[str, Any]:
    """Return what the shop answers there."""
    answer = client.get(url)
    assert answer.status_code == HTTPStatus.OK
    return answer.json


def test_reading_forgets_nothing(client: FlaskClient) -> None:
    url = order_price_list(client, "EUR")
    answer = {"state": "SUCCESS", "lines": ["cup: 12.50", "tea: 4.90"]}
    assert [read(client, url), read(client, url)] == [answer, answer]
    assert client.delete(url).status_code == HTTPStatus.NO_CONTENT
    assert read(client, url) == {"state": "PENDING"}


def test_nothing_is_forgotten_that_is_not_ready(client: FlaskClient) -> None:
    task_id = "c0ffee00-6d0b-4c55-9a43-0d6f2b5f7a11"
    celery_app.backend.store_result(task_id, None, states.STARTED)
    url = f"/price-lists/{task_id}"
    assert client.delete(url).status_code == HTTPStatus.NO_CONTENT
    assert read(client, url) == {"state": "STARTED"}


def test_an_unknown_id_is_pending(client: FlaskClient) -> None:
    assert read(client, UNKNOWN) == {"state": "PENDING"}
    assert client.delete(UNKNOWN).status_code == HTTPStatus.NO_CONTENT


def test_a_failure_in_the_chain_reaches_its_end(
    client: FlaskClient, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lane == "eager":
        monkeypatch.setattr(app, "testing", True)
        with pytest.raises(NoPrices, match=r"^no prices in XXX, only in EUR$"):
            order_price_list(client, "XXX")
        return
    url = order_price_list(client, "XXX")
    error = "no prices in XXX, only in EUR"
    assert read(client, url) == {"state": "FAILURE", "error": error}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NoPrices("XXX", ["EUR", "USD"]), "no prices in XXX, only in EUR, USD"),
        (OSError("/srv/shop/secret.txt"), "OSError"),
    ],
)
def test_a_failure_is_answered(client: FlaskClient, error: Exception, text: str) -> None:
    task_id = "deadbeef-6d0b-4c55-9a43-0d6f2b5f7a11"
    celery_app.backend.store_result(task_id, error, states.FAILURE)
    answer = {"state": "FAILURE", "error": text}
    assert read(client, f"/price-lists/{task_id}") == answer


def test_the_exception_arrives_as_it_was_raised() -> None:
    result = load_prices.delay("XXX")
    with pytest.raises(NoPrices, match=r"^no prices in XXX, only in EUR$"):
        result.get(timeout=5, interval=0.01)
    copy = celery_app.AsyncResult(result.id).result
    assert (type(copy), copy.currency, copy.known) == (NoPrices, "XXX", ["EUR"])


def test_a_receipt_is_sent_and_not_kept(client: FlaskClient, ended: Callable[[Task], str]) -> None:
    answer = client.post("/receipts", data={"email": "ada@example.com"})
    assert (answer.status_code, answer.json) == (HTTPStatus.ACCEPTED, {})
    assert celery_app.AsyncResult(ended(send_receipt)).state == "PENDING"


def test_what_is_missing_is_refused(client: FlaskClient) -> None:
    for url in ("/receipts", "/price-lists"):
        assert client.post(url).status_code == HTTPStatus.BAD_REQUEST
    assert client.get("/price-lists/1").status_code == HTTPStatus.NOT_FOUND


def test_another_thread_finds_the_same_app(client: FlaskClient) -> None:
    with ThreadPoolExecutor() as server:
        url = server.submit(order_price_list, client, "EUR").result()
        assert server.submit(read, client, url).result()["state"] == "SUCCESS"


def test_tasks_know_flask_s_application() -> None:
    assert app.extensions["celery"] is celery_app
    assert name_of_the_application.delay().get(timeout=5, interval=0.01) == "shop"
