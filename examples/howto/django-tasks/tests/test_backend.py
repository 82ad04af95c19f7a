"""Django's tasks in Celery's workers."""

from datetime import UTC, datetime, timedelta
from queue import Queue
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.tasks import TaskResultStatus, task
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_enqueued
from django.test import Client
from shop.backends import run_task
from shop.models import Order
from shop.tasks import count_receipts, send_receipt


@pytest.mark.usefixtures("worker")
def test_the_receipt_of_an_order(client: Client, finished: Queue[tuple[str, object]]) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert finished.get(timeout=30) == (answer.json()["receipt"], "sent to ada@example.com")
    assert Order.objects.get(pk=answer.json()["id"]).receipt_sent


@pytest.mark.usefixtures("worker")
def test_it_is_sent_after_the_commit(finished: Queue[tuple[str, object]]) -> None:
    with transaction.atomic():
        order = Order.objects.create(email="ada@example.com")
        result = send_receipt.enqueue(order_id=order.pk)
        assert result.status == TaskResultStatus.READY
        assert finished.empty()
    assert finished.get(timeout=30) == (result.id, "sent to ada@example.com")


@pytest.mark.usefixtures("worker")
def test_a_rollback_sends_nothing(finished: Queue[tuple[str, object]]) -> None:
    with transaction.atomic():
        send_receipt.enqueue(1)
        transaction.set_rollback(True)
    result = count_receipts.enqueue()
    assert finished.get(timeout=30) == (result.id, 0)


@pytest.mark.usefixtures("worker")
def test_an_asynchronous_task(finished: Queue[tuple[str, object]]) -> None:
    Order.objects.create(email="ada@example.com", receipt_sent=True)
    result = async_to_sync(count_receipts.aenqueue)()
    assert finished.get(timeout=30) == (result.id, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_sent() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    heard = []
    task_enqueued.connect(lambda task_result, **_: heard.append(task_result), weak=False)
    with patch.object(run_task, "apply_async") as send:
        result = send_receipt.using(run_after=tomorrow).enqueue(1)
    send.assert_called_once_with(
        ("shop.tasks.send_receipt", [1], {}),
        task_id=result.id,
        shadow="shop.tasks.send_receipt",
        queue="default",
        eta=tomorrow,
    )
    assert heard == [result]
    assert result.backend == "default"
    assert result.enqueued_at < tomorrow
    assert (result.errors, result.worker_ids) == ([], [])


def with_context(context: object) -> None:
    """Want what the backend does not give."""


def test_what_the_backend_refuses() -> None:
    with pytest.raises(InvalidTask, match=r"Backend does not pass a context\."):
        task(takes_context=True)(with_context)
    with pytest.raises(InvalidTask, match=r"Backend does not support setting priority of tasks\."):
        send_receipt.using(priority=1)
    with pytest.raises(InvalidTask, match=r"Queue 'mail' is not valid for backend\."):
        send_receipt.using(queue_name="mail")


def test_a_message_runs_tasks_only() -> None:
    with pytest.raises(InvalidTask, match=r"shop\.models\.Order is not a task\."):
        run_task("shop.models.Order", [], {})
