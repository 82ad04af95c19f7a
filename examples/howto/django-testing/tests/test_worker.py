"""Tests with a worker in a thread."""

import time
from collections.abc import Iterator
from queue import Queue

import pytest
from config.testing import worker_thread
from django.db import DatabaseError
from django.test import Client, TransactionTestCase
from shop.models import Order
from shop.tasks import send_receipt


@pytest.mark.usefixtures("worker")
def test_with_a_worker(client: Client, finished: Queue[str]) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    finished.get(timeout=30)
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


class WorkerTest(TransactionTestCase):
    """Tests that share a worker."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(worker_thread())

    def test_the_receipt_is_sent(self) -> None:
        order = Order.objects.create(email="ada@example.com")
        result = send_receipt.apply_async([order.pk], ignore_result=False)
        assert result.get(timeout=30, interval=0.01) == "sent to ada@example.com"
        order.refresh_from_db()
        assert order.receipt_sent


@pytest.mark.django_db(transaction=True)
def test_a_worker_loses_no_time() -> None:
    start = time.monotonic()
    with worker_thread():
        for _ in range(3):
            order = Order.objects.create(email="ada@example.com")
            result = send_receipt.apply_async([order.pk], ignore_result=False)
            result.get(timeout=30, interval=0.01)
    assert time.monotonic() - start < 2


@pytest.fixture
def early_worker() -> Iterator[None]:
    """Start a worker before the transaction of the test."""
    with worker_thread():
        yield


@pytest.mark.usefixtures("early_worker", "db")
def test_a_worker_does_not_see_the_rows_of_a_test_that_never_commits() -> None:
    order = Order.objects.create(email="ada@example.com")
    result = send_receipt.apply_async([order.pk], ignore_result=False)
    with pytest.raises(Order.DoesNotExist, match="Order matching query does not exist"):
        result.get(timeout=30, interval=0.01)


@pytest.mark.django_db
def test_a_worker_closes_the_connection_of_a_test_that_never_commits() -> None:
    with worker_thread(), pytest.raises(DatabaseError, match="closed"):
        Order.objects.create(email="ada@example.com")
