"""A view and the task that it sends."""

from queue import Queue
from unittest.mock import patch

import pytest
from django.test import Client
from shop.models import Order
from shop.tasks import send_receipt


@pytest.mark.usefixtures("lane")
def test_the_receipt_of_an_order(client: Client, finished: Queue[str]) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    finished.get(timeout=30)
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.django_db
def test_what_the_view_sends(client: Client) -> None:
    with patch.object(send_receipt, "delay_on_commit") as send:
        answer = client.post("/orders", {"email": "ada@example.com"})
    send.assert_called_once_with(answer.json()["id"])


def test_a_mock_takes_any_arguments() -> None:
    with patch.object(send_receipt, "delay_on_commit") as send:
        send_receipt.delay_on_commit()
    send.assert_called_once_with()
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'order_id'"):
        send_receipt.delay()
