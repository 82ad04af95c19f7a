"""The receipt, and the two tasks that beat sends."""

from datetime import timedelta
from queue import Queue

import pytest
from celery import Celery
from django.conf import settings
from django.core import mail
from django.utils import timezone
from shop import outbox, tasks
from shop.models import Message, Order

pytestmark = pytest.mark.usefixtures("worker")
SECONDS = 5


def placed(email: str, age: timedelta) -> Order:
    """Return an order that is as old as this."""
    order = Order.objects.create(email=email)
    Order.objects.filter(pk=order.pk).update(created_at=timezone.now() - age)
    return order


def test_a_receipt_is_sent_once(mailoutbox: list[mail.EmailMessage]) -> None:
    order = Order.objects.create(email="ada@example.com")
    assert tasks.send_receipt(order.pk) == "sent to ada@example.com"
    assert tasks.send_receipt(order.pk) == "sent before"
    [message] = mailoutbox
    assert (message.subject, message.to) == ("Your order", ["ada@example.com"])
    assert (message.body, message.from_email) == (f"We have your {order}.", "shop@example.com")


def test_two_messages_with_one_id_run_twice(
    done: Queue[object], mailoutbox: list[mail.EmailMessage]
) -> None:
    order = Order.objects.create(email="ada@example.com")
    outbox.put(tasks.send_receipt, order.pk)
    message = Message.objects.get()
    assert tasks.relay() == 1
    assert done.get(timeout=SECONDS) == "sent to ada@example.com"
    message.save()
    assert tasks.relay() == 1
    assert done.get(timeout=SECONDS) == "sent before"
    assert len(mailoutbox) == 1


def test_the_sweep_finds_what_is_late_and_not_sent(done: Queue[object]) -> None:
    placed("new@example.com", tasks.LATE - timedelta(seconds=5))
    sent = placed("sent@example.com", tasks.LATE)
    tasks.send_receipt(sent.pk)
    for name in ("ada", "bob"):
        placed(f"{name}@example.com", tasks.LATE)
    assert tasks.sweep() == 2
    results = [done.get(timeout=SECONDS) for _ in range(2)]
    assert results == ["sent to ada@example.com", "sent to bob@example.com"]
    assert done.empty()


@pytest.mark.parametrize(("name", "seconds"), [("relay", 10), ("sweep", 600)])
def test_beat_sends_it(celery_app: Celery, name: str, seconds: int) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    assert celery_app.tasks[entry["task"]].ignore_result
    # A message that nobody fetched is worthless when the next one comes.
    assert entry["schedule"] == entry["options"]["expires"] == seconds


def test_what_is_late() -> None:
    assert timedelta(minutes=10) == tasks.LATE
