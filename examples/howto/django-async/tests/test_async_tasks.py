"""Asynchronous code in tasks."""

import asyncio
import gc
from queue import Queue

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, connection, transaction
from mistakes import count_orders, count_orders_with_run, tell_nobody
from shop.models import Order
from shop.tasks import tell_partners


@pytest.mark.usefixtures("worker")
def test_tell_partners(finished: Queue[str]) -> None:
    order = Order.objects.create(email="ada@example.com")
    tell_partners.delay(order.pk)
    finished.get(timeout=30)
    order.refresh_from_db()
    assert order.partners_told


@pytest.mark.filterwarnings("ignore:coroutine 'tell_nobody' was never awaited")
@pytest.mark.usefixtures("worker")
def test_celery_does_not_await(finished: Queue[str]) -> None:
    order = Order.objects.create(email="ada@example.com")
    tell_nobody.delay(order.pk)
    finished.get(timeout=30)
    gc.collect()  # the warning comes here
    order.refresh_from_db()
    assert not order.partners_told
    async_to_sync(tell_nobody.run)(order.pk)  # the function itself is fine
    order.refresh_from_db()
    assert order.partners_told
    assert async_to_sync(count_orders.run)() == 1


@pytest.mark.django_db
def test_async_to_sync_stays_in_the_transaction_of_its_caller() -> None:
    with transaction.atomic():
        order = Order.objects.create(email="ada@example.com")
        answers = tell_partners(order.pk)
    assert answers == [f"{name} knows order {order.pk}" for name in ("bakery", "florist", "post")]
    order.refresh_from_db()
    assert order.partners_told


def test_async_to_sync_refuses_a_thread_with_a_loop() -> None:
    async def view() -> None:
        tell_partners(1)

    with pytest.raises(RuntimeError, match="You cannot use AsyncToSync in the same thread"):
        asyncio.run(view())


def close_behind_its_back() -> None:
    """Do what a restart of the database does."""
    connection.connection.close()


def close() -> None:
    """Tidy up."""
    connection.close()


@pytest.mark.usefixtures("worker")
def test_asyncio_run_keeps_a_broken_connection() -> None:
    assert count_orders_with_run.delay().get(timeout=30, interval=0.01) == 0
    asyncio.run(sync_to_async(close_behind_its_back)())
    for _ in range(2):
        with pytest.raises(DatabaseError, match="Cannot operate on a closed database"):
            count_orders_with_run.delay().get(timeout=30, interval=0.01)
    asyncio.run(sync_to_async(close)())
