"""What eager mode does not show."""

import pytest
from django.db import transaction
from shop.models import Order
from shop.tasks import send_receipt


@pytest.mark.django_db(transaction=True)
def test_an_eager_task_sees_what_is_not_committed() -> None:
    with transaction.atomic():
        order = Order.objects.create(email="ada@example.com")
        send_receipt.delay(order.pk)
    order.refresh_from_db()
    assert order.receipt_sent


@pytest.mark.usefixtures("worker")
def test_a_worker_does_not() -> None:
    with transaction.atomic():
        order = Order.objects.create(email="ada@example.com")
        result = send_receipt.apply_async([order.pk], ignore_result=False)
        with pytest.raises(Order.DoesNotExist, match="Order matching query does not exist"):
            result.get(timeout=30, interval=0.01)
    order.refresh_from_db()
    assert not order.receipt_sent
