"""The body of a task."""

import pytest
from shop.models import Order
from shop.tasks import send_receipt

pytestmark = pytest.mark.django_db


def test_send_receipt() -> None:
    order = Order.objects.create(email="ada@example.com")
    assert send_receipt(order.pk) == "sent to ada@example.com"
    order.refresh_from_db()
    assert order.receipt_sent


def test_no_such_order() -> None:
    with pytest.raises(Order.DoesNotExist):
        send_receipt(1)
