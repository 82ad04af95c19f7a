"""The three apps answer the same, in both forms, with a broker and without."""

from collections.abc import Callable
from functools import cache

import pytest
from celery import Celery
from django.test import RequestFactory
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from shop import django_app, fastapi_app, flask_app
from shop.celery_app import make_celery
from shop.tasks import send_receipt

Ask = Callable[[str, str], tuple[int, str]]


def ask_flask(method: str, path: str) -> tuple[int, str]:
    """Send a request to Flask."""
    response = flask_app.app.test_client().open(path, method=method)
    return response.status_code, response.text


def ask_django(method: str, path: str) -> tuple[int, str]:
    """Send a request to Django."""
    request = RequestFactory(headers={"host": "127.0.0.1"}).generic(method, path)
    response = django_app.app.get_response(request)
    return response.status_code, response.text


@cache
def fastapi_client() -> TestClient:
    """Make the client once."""
    return TestClient(fastapi_app.app)


def ask_fastapi(method: str, path: str) -> tuple[int, str]:
    """Send a request to FastAPI."""
    response = fastapi_client().request(method, path)
    answer = response.json()
    return response.status_code, answer if isinstance(answer, str) else answer["detail"]


each_shop = pytest.mark.parametrize("ask", [ask_flask, ask_django, ask_fastapi])


@each_shop
@pytest.mark.parametrize("path", ["/naive", "/recommended"])
def test_it_sends_a_receipt(worker: Celery, ask: Ask, path: str) -> None:
    status, task_id = ask("POST", path)
    assert status == 202
    assert worker.AsyncResult(task_id).get(timeout=2) == "receipt of order 1"


@each_shop
def test_the_recommended_form_says_that_the_broker_is_away(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(order_id: int) -> None:
        raise OperationalError

    monkeypatch.setattr(send_receipt, "delay", refuse)
    assert ask("POST", "/recommended") == (503, "try again later")


@each_shop
def test_other_requests(ask: Ask) -> None:
    assert ask("GET", "/other") == (200, "other")


def test_the_naive_settings_are_the_defaults() -> None:
    conf = make_celery({"SHOP_FORM": "naive"}).conf
    assert (conf.broker_pool_limit, conf.task_ignore_result) == (10, False)
    assert conf.broker_transport_options == {}


def test_the_recommended_settings() -> None:
    conf = make_celery({"SHOP_THREADS": "8"}).conf
    assert (conf.broker_pool_limit, conf.task_ignore_result) == (8, True)
    assert conf.broker_transport_options["socket_timeout"] == 1


def test_a_corner_of_a_redis_server() -> None:
    conf = make_celery({"SHOP_PREFIX": "a_", "SHOP_REDIS_URL": "redis://127.0.0.1:6379/3"}).conf
    assert conf.broker_url == "redis://127.0.0.1:6379/3"
    assert conf.broker_transport_options["global_keyprefix"] == "a_"
    assert conf.broker_transport_options["socket_timeout"] == 1
    assert conf.result_backend_transport_options == {"global_keyprefix": "a_"}
