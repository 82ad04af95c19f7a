"""The asynchronous views."""

import asyncio
import time
from contextlib import suppress
from queue import Queue
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connections, transaction
from django.test import AsyncClient
from shop.models import Order
from shop.tasks import send_receipt
from shop.views import place_orders


@pytest.mark.usefixtures("worker")
def test_create(async_client: AsyncClient, finished: Queue[str]) -> None:
    answer = async_to_sync(async_client.post)("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    finished.get(timeout=30)
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.usefixtures("worker")
def test_create_group(async_client: AsyncClient, finished: Queue[str]) -> None:
    emails = ["ada@example.com", "bob@example.com"]
    answer = async_to_sync(async_client.post)("/group-orders", {"email": emails})
    assert answer.status_code == 201
    for _ in emails:
        finished.get(timeout=30)
    assert Order.objects.filter(pk__in=answer.json()["ids"], receipt_sent=True).count() == 2


@pytest.mark.usefixtures("worker")
def test_create_no_group(async_client: AsyncClient, finished: Queue[str]) -> None:
    emails = ["ada@example.com", "ada@example.com"]
    answer = async_to_sync(async_client.post)("/group-orders", {"email": emails})
    assert answer.status_code == 409
    assert answer.json() == {"error": "this customer has an order"}
    assert not Order.objects.exists()
    assert finished.empty()


async def send_on_commit() -> None:
    send_receipt.delay_on_commit(1)


async def open_a_transaction() -> None:
    with transaction.atomic():
        pass


async def open_a_transaction_asynchronously() -> None:
    async with transaction.atomic():
        pass


@pytest.mark.django_db
def test_what_an_async_view_cannot_do() -> None:
    only = "You cannot call this from an async context - use a thread or sync_to_async"
    for wrong in (send_on_commit, open_a_transaction):
        with pytest.raises(SynchronousOnlyOperation, match=only):
            async_to_sync(wrong)()
    with pytest.raises(TypeError, match="'Atomic' object does not support the asynchronous"):
        async_to_sync(open_a_transaction_asynchronously)()


@pytest.mark.django_db
def test_atomic_requests(async_client: AsyncClient) -> None:
    refused = "You cannot use ATOMIC_REQUESTS with async views."
    with (
        patch.dict(connections.settings["default"], ATOMIC_REQUESTS=True),
        pytest.raises(RuntimeError, match=refused),
    ):
        async_to_sync(async_client.post)("/orders", {"email": "ada@example.com"})


@pytest.mark.django_db(transaction=True)
def test_a_client_that_goes_away_does_not_stop_a_synchronous_function() -> None:
    sent: list[int] = []

    def send(order_id: int) -> None:
        time.sleep(0.1)
        sent.append(order_id)

    async def go_away() -> None:
        work = asyncio.ensure_future(place_orders(["ada@example.com"]))
        await asyncio.sleep(0.05)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    with patch.object(send_receipt, "delay", send):
        async_to_sync(go_away)()
    assert sent == [Order.objects.get().pk]
