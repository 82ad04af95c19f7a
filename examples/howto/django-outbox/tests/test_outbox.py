"""Nothing is lost, and what is sent twice has one id."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Thread

import pytest
from celery import Celery, Task
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from shop import outbox, tasks
from shop.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
BrokerDown = Callable[[], AbstractContextManager[None]]
Sent = list[tuple[str, tuple[int], str]]


@pytest.fixture
def sent(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Collect what is sent, name, arguments and id, instead of sending it."""
    calls: Sent = []

    def record(
        task: Task, args: tuple[int], _kwargs: object = None, *, task_id: str, **_: object
    ) -> None:
        calls.append((task.name, args, task_id))

    monkeypatch.setattr(celery_app.Task, "apply_async", record)
    return calls


def call(number: int, task_id: str) -> tuple[str, tuple[int], str]:
    """Return what the receipt of an order looks like when it is sent."""
    return ("shop.tasks.send_receipt", (number,), task_id)


def test_the_outbox_belongs_to_the_transaction(sent: Sent) -> None:
    with transaction.atomic():
        outbox.put(tasks.send_receipt, 1)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    task_id = outbox.put(tasks.send_receipt, 2)
    message = Message.objects.get()
    assert str(message.task_id) == task_id
    assert str(message) == "shop.tasks.send_receipt(2,)"
    assert sent == []


def test_the_relay_sends_in_order_and_once(sent: Sent) -> None:
    ids = [outbox.put(tasks.send_receipt, number) for number in (3, 2, 1)]
    assert outbox.send_waiting() == 3
    assert sent == [call(number, task_id) for number, task_id in zip((3, 2, 1), ids, strict=True)]
    assert outbox.send_waiting() == 0
    assert len(sent) == 3


def test_what_a_broker_refuses_waits(broker_down: BrokerDown) -> None:
    ids = [outbox.put(tasks.send_receipt, number) for number in (1, 2)]
    with broker_down(), pytest.raises(OperationalError):
        outbox.send_waiting()
    assert [str(message.task_id) for message in Message.objects.order_by("pk")] == ids


class PowerFailureError(Exception):
    """What happens between two lines."""


def test_after_a_crash_a_message_is_sent_again_with_the_same_id(
    monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    task_id = outbox.put(tasks.send_receipt, 1)

    def fail(_: Message) -> None:
        raise PowerFailureError

    with monkeypatch.context() as patch:
        patch.setattr(Message, "delete", fail)
        with pytest.raises(PowerFailureError):
            outbox.send_waiting()
    assert outbox.send_waiting() == 1
    assert sent == [call(1, task_id), call(1, task_id)]


def test_the_relay_commits_each_message() -> None:
    with (
        transaction.atomic(),
        pytest.raises(RuntimeError, match="A durable atomic block cannot be nested"),
    ):
        outbox.send_waiting()


def test_two_relays_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    # Django leaves the clause out for SQLite, which would not understand it.
    monkeypatch.setattr(connection.features, "has_select_for_update", True)
    monkeypatch.setattr(connection.features, "has_select_for_update_skip_locked", True)
    with CaptureQueriesContext(connection) as queries, contextlib.suppress(DatabaseError):
        outbox.send_oldest()
    assert any(query["sql"].endswith("FOR UPDATE SKIP LOCKED") for query in queries)


def test_four_relays_send_each_message_once(sent: Sent) -> None:
    ids = [outbox.put(tasks.send_receipt, number) for number in range(20)]

    def run() -> None:
        outbox.send_waiting()
        connection.close()

    relays = [Thread(target=run) for _ in range(4)]
    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()
    assert sorted(task_id for _, _, task_id in sent) == sorted(ids)
