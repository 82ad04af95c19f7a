"""What is sent, and when."""

from queue import Queue

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from shop.models import Order
from shop.orders import place_order, ship

SECONDS = 5
Done = Queue[tuple[str, object]]


@pytest.mark.django_db
def test_the_receipt_waits_for_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        place_order("ada@example.com")
    assert len(callbacks) == 1


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent_after_the_outermost_commit(done: Done) -> None:
    with transaction.atomic():
        order = place_order("ada@example.com")
        assert done.empty()
    assert done.get(timeout=SECONDS) == ("shop.tasks.send_receipt", "sent to ada@example.com")
    assert Order.objects.get() == order


@pytest.mark.usefixtures("worker")
def test_an_order_that_fails_leaves_the_callers_transaction_whole(done: Done) -> None:
    with transaction.atomic():
        place_order("ada@example.com")
        with pytest.raises(IntegrityError):
            place_order("ada@example.com")
        place_order("bob@example.com")
    results = [done.get(timeout=SECONDS)[1] for _ in range(2)]
    assert results == ["sent to ada@example.com", "sent to bob@example.com"]


@pytest.mark.usefixtures("worker")
def test_the_steps_of_a_chain_run_after_the_commit_and_in_order(done: Done) -> None:
    with transaction.atomic():
        order = Order.objects.create(email="ada@example.com")
        ship(order)
        assert done.empty()
    assert [done.get(timeout=SECONDS) for _ in range(2)] == [
        ("shop.tasks.tell_warehouse", f"order {order.pk} is packed"),
        ("shop.tasks.send_receipt", "sent to ada@example.com"),
    ]
