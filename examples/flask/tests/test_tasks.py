"""The bodies of the tasks, called as the functions that they are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock, call, patch

import pytest
from celery import Task
from celery.utils.time import get_exponential_backoff_interval
from flask import Flask
from flask_mail import Message
from kombu.exceptions import OperationalError
from shop import mail, tasks, thumbnails, webhooks
from shop.extensions import db
from shop.models import Job, Order, User, now, today
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import ORMExecuteState


def test_archive_user(app: Flask, user_id: int) -> None:
    before = today()
    with app.app_context():
        tasks.archive_user(user_id)
    with app.app_context():
        assert before <= db.session.get(User, user_id).archived_on <= today()


def test_archive_user_twice_keeps_the_first_day(app: Flask, user_id: int) -> None:
    first = date(2020, 2, 29)
    with app.app_context():
        db.session.get(User, user_id).archived_on = first
        db.session.commit()
        tasks.archive_user(user_id)
    with app.app_context():
        assert db.session.get(User, user_id).archived_on == first


def test_archive_user_who_is_gone(app: Flask) -> None:
    with app.app_context():
        tasks.archive_user(404)
        assert db.session.query(User).count() == 0


def test_send_receipt(app: Flask, user_id: int, mailbox: list[Message]) -> None:
    with app.app_context():
        order = Order(user_id=user_id, total_cents=1905)
        db.session.add(order)
        db.session.commit()
        tasks.send_receipt(order.id)
        tasks.send_receipt(order.id)
    (message,) = mailbox
    assert message.sender == "shop@example.org"
    assert message.recipients == ["ada@example.org"]
    assert message.subject == "Receipt for order 1"
    assert message.body == "You paid 19.05."


def test_two_messages_mail_one_receipt(app: Flask, user_id: int, mailbox: list[Message]) -> None:
    asked = []

    def record(execution: ORMExecuteState) -> None:
        asked.append(str(execution.statement.compile(dialect=postgresql.dialect())))

    with app.app_context():
        db.session.add(Order(id=1, user_id=user_id, total_cents=1905))
        db.session.commit()
        event.listen(db.session(), "do_orm_execute", record)
        # Without the context of its own that the call of a task opens.
        tasks.send_receipt.run(1)
    assert [message.subject for message in mailbox] == ["Receipt for order 1"]
    order, user = asked
    assert order.endswith(" FOR UPDATE")
    assert "FOR UPDATE" not in user


def test_a_crash_after_the_mail_mails_again(
    app: Flask, user_id: int, mailbox: list[Message]
) -> None:
    with app.app_context():
        db.session.add(Order(id=1, user_id=user_id, total_cents=1905))
        db.session.commit()
        with patch.object(db.session, "commit", side_effect=SystemExit), pytest.raises(SystemExit):
            tasks.send_receipt(1)
        tasks.send_receipt(1)
    assert len(mailbox) == 2


def test_send_receipt_of_no_order(app: Flask, mailbox: list[Message]) -> None:
    with app.app_context(), pytest.raises(NoResultFound):
        tasks.send_receipt(404)
    assert mailbox == []


def test_tidy(app: Flask) -> None:
    day_before_yesterday = today() - timedelta(days=2)
    with app.app_context():
        jobs = {
            "old": day_before_yesterday,
            "older": date(2020, 2, 29),
            "young": today() - timedelta(days=1),
        }
        db.session.add_all(Job(id=name, started_on=day) for name, day in jobs.items())
        db.session.commit()
        folder = thumbnails.folder()
        folder.mkdir()
        for name in ("old", "old.png", "older", "older.partial", "young", "young.png"):
            (folder / name).touch()
        assert tasks.tidy() == 2
        assert tasks.tidy() == 0
    with app.app_context():
        assert [job.id for job in db.session.query(Job)] == ["young"]
    assert sorted(path.name for path in folder.iterdir()) == ["young", "young.png"]


def test_make_report(app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = MagicMock()
    monkeypatch.setattr(tasks.make_report, "update_state", progress)
    moments = [
        datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ]
    with app.app_context():
        db.session.add_all(
            Order(user_id=user_id, total_cents=10**n, placed_at=moment)
            for n, moment in enumerate(moments)
        )
        db.session.commit()
        report = tasks.make_report(2026)
    assert report == {"orders": 4, "total_cents": 11110}
    assert [update.kwargs for update in progress.call_args_list] == [
        {"state": "PROGRESS", "meta": {"done": month, "total": 12}} for month in range(1, 13)
    ]


def test_report_without_orders(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.make_report, "update_state", MagicMock())
    with app.app_context(), pytest.raises(tasks.ReportError, match=r"^no orders in 2031$"):
        tasks.make_report(2031)


DAY = 24 * 3600
NOBODY, EVERYBODY, WITH_URL = (False, False), (True, True), (False, True)


@pytest.mark.parametrize(
    ("placed", "rest", "due"),
    [
        (290, {}, NOBODY),
        (301, {}, EVERYBODY),
        (301, {"receipt_sent": True, "webhook_sent": True}, NOBODY),
        (4000, {"announced": 3590}, NOBODY),
        (4000, {"announced": 3601}, EVERYBODY),
        (4000, {"announced": 3601, "webhook_sent": True}, EVERYBODY),
        (4000, {"announced": 3601, "receipt_sent": True}, WITH_URL),
        (4000, {"announced": 3590, "receipt_sent": True}, NOBODY),
        (4000, {"announced": 3601, "receipt_sent": True, "webhook_sent": True}, NOBODY),
        (DAY - 10, {}, EVERYBODY),
        (DAY + 1, {}, NOBODY),
        (DAY - 10, {"announced": 3601}, EVERYBODY),
        (DAY + 1, {"announced": 3601}, NOBODY),
    ],
)
def test_which_orders_are_late(
    app: Flask, late_order: Callable[..., None], placed: int, rest: dict[str, Any], due: object
) -> None:
    with app.app_context(), patch.object(tasks, "announce") as announce:
        late_order(placed, **rest)
        without_url = tasks.announce_late_orders()
        app.config["WEBHOOK_URL"] = "https://receiver.example.org/orders"
        with_url = tasks.announce_late_orders()
    assert (without_url, with_url) == due
    assert announce.call_args_list == [call(1)] * (without_url + with_url)


@pytest.fixture
def late_order(user_id: int) -> Callable[..., None]:
    """Return what saves an order; ``placed`` and ``announced`` are seconds before now."""

    def save(placed: int, announced: int | None = None, **done: bool) -> None:
        ago = {"placed_at": placed, "announced_at": announced}
        moments = {
            name: now() - timedelta(seconds=age) for name, age in ago.items() if age is not None
        }
        db.session.add(Order(user_id=user_id, total_cents=1, **moments, **done))
        db.session.commit()

    return save


def test_late_orders_are_announced_once(
    app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    long_ago = now() - timedelta(hours=2)
    with app.app_context():
        db.session.add_all(
            Order(id=order_id, user_id=user_id, total_cents=1, placed_at=long_ago, announced_at=at)
            for order_id, at in {3: None, 1: long_ago, 2: None}.items()
        )
        db.session.commit()
        assert tasks.announce_late_orders() == 3
        assert tasks.announce_late_orders() == 0
        moments = db.session.scalars(select(Order.announced_at)).all()
    assert publish.call_args_list == [call((order_id,), {}) for order_id in (1, 2, 3)]
    assert min(moments).replace(tzinfo=UTC) > long_ago


def test_a_broker_that_is_away_leaves_no_note(
    app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.send_receipt, "apply_async", MagicMock(side_effect=OperationalError))
    with app.app_context():
        db.session.add(Order(id=1, user_id=user_id, total_cents=1, announced_at=now()))
        db.session.commit()
        with pytest.raises(OperationalError):
            tasks.announce(1)
        assert db.session.get_one(Order, 1).announced_at is None


@pytest.mark.parametrize("task", [tasks.send_receipt, tasks.send_webhook])
def test_nothing_is_late_while_it_is_tried_again(app: Flask, task: Task) -> None:
    with app.app_context():
        pauses = [
            max(
                get_exponential_backoff_interval(task.retry_backoff, retries, 600),
                # After a process that was killed.
                task.default_retry_delay,
            )
            for retries in range(task.max_retries)
        ]
    # An attempt may take two time limits, to connect and to read.
    attempts = 2 * max(webhooks.TIMEOUT, mail.TIMEOUT) * (task.max_retries + 1)
    assert timedelta(seconds=sum(pauses) + attempts) < tasks.UNDONE


def test_the_webhook_only_with_a_url(
    app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.send_receipt, "apply_async", MagicMock())
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_webhook, "apply_async", publish)
    with app.app_context():
        db.session.add(Order(id=1, user_id=user_id, total_cents=1905))
        db.session.commit()
        tasks.announce(1)
        publish.assert_not_called()
        app.config["WEBHOOK_URL"] = "https://receiver.example.org/orders"
        tasks.announce(1)
    publish.assert_called_once_with((1,), {})
