"""Nothing is lost, and what is sent twice has one id."""

import pytest
from celery import current_app
from kombu.exceptions import OperationalError
from shop import CELERY, outbox
from shop.models import db
from shop.outbox import Message, relay
from shop.tasks import send_receipt
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

pytestmark = pytest.mark.usefixtures("context")
Sent = list[tuple[int, str]]


def waiting() -> list[str]:
    """Return the ids of the tasks in the outbox."""
    return list(db.session.scalars(select(Message.task_id)))


def test_the_outbox_belongs_to_the_transaction(sent: Sent) -> None:
    outbox.put(send_receipt, 1)
    db.session.rollback()
    assert waiting() == []
    task_id = outbox.put(send_receipt, 2)
    db.session.commit()
    assert waiting() == [task_id]
    assert sent == []


def test_the_relay_sends_in_order_and_once(sent: Sent) -> None:
    ids = [outbox.put(send_receipt, number) for number in range(3)]
    db.session.commit()
    relay()
    assert sent == list(enumerate(ids))
    relay()
    assert sent == list(enumerate(ids))
    assert waiting() == []


def test_what_a_broker_refuses_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [outbox.put(send_receipt, number) for number in range(2)]
    db.session.commit()

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(send_receipt, "apply_async", refuse)
    with pytest.raises(OperationalError):
        relay()
    assert waiting() == ids


def test_after_a_crash_the_task_is_sent_again_with_the_same_id(
    monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    task_id = outbox.put(send_receipt, 1)
    outbox.put(send_receipt, 2)
    db.session.commit()

    class PowerFailureError(Exception):
        pass

    def fail() -> None:
        raise PowerFailureError

    with monkeypatch.context() as patch:
        patch.setattr(type(db.session), "commit", lambda _: fail())
        with pytest.raises(PowerFailureError):
            relay()
    assert sent == [(1, task_id)]
    relay()
    assert sent[:2] == [(1, task_id), (1, task_id)]
    assert len(sent) == 3


def test_two_relays_do_not_wait_for_each_other() -> None:
    statements = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(db.session), "scalar", lambda _, statement: statements.append(statement))
        relay()
    sql = str(statements[0].compile(dialect=postgresql.dialect()))
    assert sql.endswith("FOR UPDATE SKIP LOCKED")


def test_the_relay_is_scheduled_and_keeps_no_result() -> None:
    task = current_app.tasks[CELERY["beat_schedule"]["relay"]["task"]]
    assert task.ignore_result
    assert CELERY["beat_schedule"]["relay"]["schedule"] == 10
