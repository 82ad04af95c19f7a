"""The receipt of an order."""

import time

import pytest
from django.test import Client
from shop.models import Order


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent_after_the_commit(client: Client) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    deadline = time.monotonic() + 30
    while not Order.objects.get(pk=answer.json()["id"]).receipt_sent:
        assert time.monotonic() < deadline
        time.sleep(0.01)
