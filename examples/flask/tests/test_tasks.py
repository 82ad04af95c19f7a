"""The bodies of the tasks, called as the functions that they are."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import MagicMock

import pytest
from flask import Flask
from flask_mail import Message
from shop import tasks, thumbnails
from shop.extensions import db
from shop.models import Job, Order, User, now, today
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound


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
    assert [call.kwargs for call in progress.call_args_list] == [
        {"state": "PROGRESS", "meta": {"done": month, "total": 12}} for month in range(1, 13)
    ]


def test_report_without_orders(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.make_report, "update_state", MagicMock())
    with app.app_context(), pytest.raises(tasks.ReportError, match=r"^no orders in 2031$"):
        tasks.make_report(2031)


def test_announce_late_orders(app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = MagicMock()
    monkeypatch.setattr(tasks.send_receipt, "apply_async", publish)
    ages = {1: 301, 2: 301, 3: 290}
    with app.app_context():
        db.session.add_all(
            Order(
                id=order_id,
                user_id=user_id,
                total_cents=1,
                announced=order_id == 2,
                placed_at=now() - timedelta(seconds=age),
            )
            for order_id, age in ages.items()
        )
        db.session.commit()
        assert tasks.announce_late_orders() == 1
        assert tasks.announce_late_orders() == 0
    publish.assert_called_once_with((1,), {})
    with app.app_context():
        assert db.session.scalars(select(Order.id).where(Order.announced)).all() == [1, 2]


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
