"""What is sent, and when."""

from contextlib import suppress
from queue import SimpleQueue

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks
from shop import too_early
from shop.models import Order
from shop.orders import place_order


@pytest.mark.django_db
def test_sent_after_the_commit(
    client: Client,
    sent: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/orders", {"email": "ada@example.org"})
        assert sent == []
    assert sent == [answer.json()["id"]]


@pytest.mark.django_db
def test_a_mistake_is_found(
    rf: RequestFactory,
    sent: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks():
        too_early.create(rf.post("/orders", {"email": "ada@example.org"}))
        assert sent == [Order.objects.get().pk]


@pytest.mark.django_db
def test_a_refused_order_sends_nothing(
    client: Client,
    sent: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Order.objects.create(email="ada@example.org")
    client.raise_request_exception = False
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/orders", {"email": "ada@example.org"}).status_code == 500
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_sent_by_the_commit_of_the_caller(sent: list[int]) -> None:
    with transaction.atomic():
        place_order("ada@example.org")
        assert sent == []
    assert sent == [Order.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_of_the_caller(sent: list[int]) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        place_order("ada@example.org")
        raise ZeroDivisionError
    assert sent == []


def test_the_way(client: Client, worker: None, mails: "SimpleQueue[str]") -> None:
    client.post("/orders", {"email": "ada@example.org"})
    assert mails.get(timeout=5) == "ada@example.org"
