"""The shop before Celery."""

import time
from http import HTTPStatus

import pytest
from before import views
from django.http import Http404
from django.test import RequestFactory
from pytest_django import Settings
from shop import mail
from shop.models import Order


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[float]:
    """Collect the seconds that the customer waits."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    settings.MAIL_SECONDS = 7
    return seconds


@pytest.mark.django_db
def test_the_customer_waits_for_the_mail_server(rf: RequestFactory, slept: list[float]) -> None:
    answer = views.create_order(rf.post("/orders", {"email": "ada@example.com"}))
    assert answer.status_code == HTTPStatus.CREATED
    order = Order.objects.get()
    assert answer.content.decode() == f'{{"order": "/orders/{order.pk}"}}'
    assert slept == [7]
    status = views.order_status(rf.get("/"), pk=order.pk)
    assert status.content == b'{"receipt": "sent"}'


def test_an_order_needs_an_address(rf: RequestFactory, slept: list[float]) -> None:
    assert views.create_order(rf.post("/orders")).status_code == HTTPStatus.BAD_REQUEST
    assert slept == []


@pytest.mark.django_db
def test_only_the_receipt_is_saved(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "send", lambda _: Order.objects.update(email="bob@example.com"))
    views.create_order(rf.post("/orders", {"email": "ada@example.com"}))
    assert Order.objects.get().email == "bob@example.com"


@pytest.mark.django_db
def test_no_such_order(rf: RequestFactory) -> None:
    with pytest.raises(Http404):
        views.order_status(rf.get("/"), pk=0)


@pytest.mark.parametrize("view", [views.create_order, views.order_status])
def test_the_method_matters(rf: RequestFactory, view: object) -> None:
    answer = view(rf.put("/orders"))
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert views.create_order.csrf_exempt
