"""The bodies of the tasks, called as the functions that they are."""

from datetime import date
from smtplib import SMTP
from typing import Any
from unittest.mock import MagicMock

import pytest
from flask import Flask
from shop import mail, tasks
from shop.extensions import db
from shop.models import Order, User, today
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


def test_send_receipt(app: Flask, user_id: int, mailbox: list[Any]) -> None:
    with app.app_context():
        order = Order(user_id=user_id, total_cents=1905)
        db.session.add(order)
        db.session.commit()
        tasks.send_receipt(order.id)
    (message,) = mailbox
    assert message["From"] == "shop@example.org"
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "Receipt for order 1"
    assert message.get_content() == "You paid 19.05.\n"


def test_send_receipt_of_no_order(app: Flask, mailbox: list[Any]) -> None:
    with app.app_context(), pytest.raises(NoResultFound):
        tasks.send_receipt(404)
    assert mailbox == []


def test_mail_goes_to_the_configured_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    smtp = MagicMock(spec=SMTP)
    connect = MagicMock(return_value=smtp)
    smtp.__enter__.return_value = smtp
    monkeypatch.setattr("smtplib.SMTP", connect)
    app.config.update(SMTP_HOST="mail.example.org", SMTP_PORT=25)
    with app.app_context():
        mail.send("a message")
    connect.assert_called_once_with("mail.example.org", 25, timeout=10)
    smtp.send_message.assert_called_once_with("a message")
    smtp.__exit__.assert_called_once()


def test_make_report(app: Flask, user_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = MagicMock()
    monkeypatch.setattr(tasks.make_report, "update_state", progress)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 12, 31)]
    with app.app_context():
        db.session.add_all(
            Order(user_id=user_id, total_cents=10**n, placed_on=day) for n, day in enumerate(days)
        )
        db.session.commit()
        report = tasks.make_report(2026)
    assert report == {"orders": 3, "total_cents": 1110}
    assert [call.kwargs for call in progress.call_args_list] == [
        {"state": "PROGRESS", "meta": {"done": month, "total": 12}} for month in range(1, 13)
    ]


def test_report_without_orders(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.make_report, "update_state", MagicMock())
    with app.app_context(), pytest.raises(tasks.ReportError, match=r"^no orders in 2031$"):
        tasks.make_report(2031)
