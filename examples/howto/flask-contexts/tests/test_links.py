"""What a view passes to a task, because a worker has no request."""

from http import HTTPStatus
from queue import Queue
from typing import Any

import pytest
from celery import shared_task
from celery.result import AsyncResult
from flask import Flask, request, session, url_for
from flask.testing import FlaskClient
from shop.celery_app import RequestTask
from shop.models import Customer, db
from shop.tasks import remind


@shared_task(base=RequestTask)
def look_around() -> dict[str, Any]:
    """Return what the made-up request holds."""
    return {
        "url": request.url,
        "method": request.method,
        "headers": dict(request.headers),
        "address": request.remote_addr,
        "session": dict(session),
    }


@shared_task(base=RequestTask)
def link() -> str:
    """Return a link to the account."""
    return url_for("customers.account", _external=True)


def value_of(result: AsyncResult) -> object:
    return result.get(timeout=30, interval=0.01)


def sign_up(client: FlaskClient, finished: Queue[str], language: str) -> object:
    """Sign up, wait for the task to end, and return what it wrote."""
    answer = client.post(
        "/customers", data={"email": "ada@example.com"}, headers={"Accept-Language": language}
    )
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json == {"id": 1}
    return AsyncResult(finished.get(timeout=30)).result


def test_the_view_passes_the_url_and_the_language(
    client: FlaskClient, finished: Queue[str]
) -> None:
    letter = sign_up(client, finished, "de-AT, fr;q=0.8")
    assert letter == "ada@example.com: Willkommen! Ihr Konto: http://localhost/account"


def test_an_unknown_language(client: FlaskClient, finished: Queue[str]) -> None:
    letter = sign_up(client, finished, "fr")
    assert letter == "ada@example.com: Welcome! Your account: http://localhost/account"


def test_an_address_is_required(client: FlaskClient) -> None:
    assert client.post("/customers").status_code == HTTPStatus.BAD_REQUEST


def test_a_letter_leads_to_the_account(client: FlaskClient) -> None:
    assert client.get("/account").text == "Your account"


def test_a_stranger_s_host_is_refused(client: FlaskClient) -> None:
    elsewhere = "http://shop.example.net"
    answer = client.post("/customers", base_url=elsewhere, data={"email": "x"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Host &#39;shop.example.net&#39; is not trusted." in answer.text


@pytest.fixture
def customer_id(app: Flask) -> int:
    """Save a customer, and return the id."""
    with app.app_context():
        customer = Customer(email="ada@example.com", language="de")
        db.session.add(customer)
        db.session.commit()
        return customer.id


def test_a_worker_cannot_build_a_url(app: Flask, customer_id: int, lane: str) -> None:
    with app.test_request_context():
        result = remind.delay(customer_id)
    if lane == "eager":
        assert value_of(result) == "ada@example.com: Willkommen! Ihr Konto: /account"
    else:
        with pytest.raises(RuntimeError, match=r"^Unable to build URLs"):
            value_of(result)


PUBLIC = {"SERVER_NAME": "shop.example.com", "PREFERRED_URL_SCHEME": "https"}


@pytest.mark.parametrize("settings", [PUBLIC])
def test_a_worker_builds_urls_with_a_server_name(customer_id: int) -> None:
    letter = value_of(remind.delay(customer_id))
    assert letter == "ada@example.com: Willkommen! Ihr Konto: https://shop.example.com/account"


def test_a_made_up_request(app: Flask) -> None:
    seen: list[str] = []
    app.before_request(lambda: seen.append(request.method))
    assert value_of(look_around.delay()) == {
        "url": "http://localhost/",
        "method": "GET",
        "headers": {"Host": "localhost"},
        "address": None,
        "session": {},
    }
    assert seen == []
    app.test_client().post("/charges/1905")
    assert seen == ["POST"]


@pytest.mark.usefixtures("app")
def test_a_made_up_link() -> None:
    assert value_of(link.delay()) == "http://localhost/account"


@pytest.mark.parametrize("settings", [PUBLIC | {"TRUSTED_HOSTS": None}])
@pytest.mark.usefixtures("app")
def test_a_made_up_request_with_a_server_name() -> None:
    assert value_of(link.delay()) == "https://shop.example.com/account"


@pytest.mark.parametrize("settings", [{"TRUSTED_HOSTS": ["shop.example.com"]}])
@pytest.mark.usefixtures("app")
def test_a_made_up_request_from_a_host_that_is_not_trusted() -> None:
    error = look_around.delay().get(timeout=30, interval=0.01, propagate=False)
    assert type(error).__name__ == "SecurityError"


def test_a_request_task_never_sees_the_view_s_request(app: Flask) -> None:
    with app.test_request_context("/account", base_url="https://127.0.0.1"):
        result = link.delay()
        assert request.url == "https://127.0.0.1/account"
    assert value_of(result) == "http://localhost/account"
