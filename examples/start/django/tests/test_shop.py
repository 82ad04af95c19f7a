"""The shop, as a customer sees it."""

import time
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from shop.tasks import tidy


def receipt_of(client: Client, email: str) -> str:
    """Order something, and wait until the receipt is sent or has failed."""
    answer = client.post("/orders", {"email": email})
    assert answer.status_code == HTTPStatus.CREATED
    url = answer.json()["order"]
    deadline = time.monotonic() + 5
    while (receipt := client.get(url).json()["receipt"]) == "waiting":
        assert time.monotonic() < deadline, "nobody has sent the receipt"
        time.sleep(0.01)
    return receipt


def test_the_receipt_is_sent(client: Client) -> None:
    assert receipt_of(client, "ada@example.com") == "sent"


def test_a_failed_receipt_is_no_server_error(client: Client) -> None:
    assert receipt_of(client, "ada@example.invalid") == "failed"


@pytest.mark.parametrize("email", ["", "nobody"])
def test_an_order_needs_an_address(client: Client, email: str) -> None:
    answer = client.post("/orders", {"email": email})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert list(answer.json()) == ["email"]


@pytest.mark.django_db
def test_tidy_deletes_what_has_expired() -> None:
    for name, hours in (("old", -1), ("new", 1)):
        expires = timezone.now() + timedelta(hours=hours)
        Session.objects.create(session_key=name, expire_date=expires)
    tidy()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
