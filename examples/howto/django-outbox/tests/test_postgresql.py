"""What only PostgreSQL shows: two relays at the same time, each with messages of its own."""

from threading import Event, Thread

import pytest
from celery import Celery, Task
from django.db import connection, transaction
from shop import outbox, tasks
from shop.models import Message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]
SECONDS = 5


@pytest.fixture
def sent(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the orders whose receipts are sent."""
    numbers: list[int] = []

    def record(_task: Task, args: tuple[int], *_: object, **__: object) -> None:
        numbers.extend(args)

    monkeypatch.setattr(celery_app.Task, "apply_async", record)
    return numbers


def test_a_relay_skips_what_another_holds(sent: list[int]) -> None:
    for number in range(3):
        outbox.put(tasks.send_receipt, number)
    holds, ends = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Message.objects.select_for_update().order_by("pk").first()
            holds.set()
            ends.wait(SECONDS)
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert holds.wait(SECONDS)
    assert outbox.send_waiting() == 2
    assert sent == [1, 2]
    ends.set()
    other.join()
    assert outbox.send_waiting() == 1
    assert sent == [1, 2, 0]


def test_a_lock_insists_on_a_transaction() -> None:
    message = "select_for_update cannot be used outside of a transaction."
    with pytest.raises(transaction.TransactionManagementError, match=message):
        Message.objects.select_for_update().first()
