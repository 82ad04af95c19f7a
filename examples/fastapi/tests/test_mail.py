"""The mail: what is sent, what is tried again, and over which connection."""

from email.message import EmailMessage
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)
from ssl import CERT_REQUIRED
from unittest.mock import MagicMock

import pytest
from celery import Celery
from pydantic import SecretStr
from shop import tasks
from shop.config import Settings
from shop.database import new_session
from shop.mail import MailRefusedError
from shop.models import Order
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import ORMExecuteState

from conftest import add


def refused(code: int) -> SMTPRecipientsRefused:
    """Build the error of a server that does not want the recipient."""
    return SMTPRecipientsRefused({"ada@example.org": (code, b"no")})


@pytest.fixture
def order_id(user_id: int) -> int:
    """Save an order and return the id."""
    add(Order(id=1, user_id=user_id, total_cents=1905))
    return 1


@pytest.fixture
def waits(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Replace the computation of the time until a retry: wait for none."""
    # Otherwise apply() raises celery.exceptions.Retry in place of trying again.
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", False)
    waits = MagicMock(return_value=0)
    monkeypatch.setattr("celery.app.autoretry.get_exponential_backoff_interval", waits)
    return waits


def receipt_sent() -> bool:
    """Return whether the order is marked."""
    with new_session() as session:
        return session.get_one(Order, 1).receipt_sent


def test_receipt(order_id: int, settings: Settings, smtp: MagicMock) -> None:
    settings.mail_sender = "The Shop <orders@shop.example.org>"
    tasks.send_receipt(order_id)
    tasks.send_receipt(order_id)
    ((message,),) = [call.args for call in smtp.server.send_message.call_args_list]
    assert isinstance(message, EmailMessage)
    assert message["From"] == "The Shop <orders@shop.example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "Receipt for order 1"
    assert message["Message-ID"] == "<order-1@shop.example.org>"
    assert message["Date"].datetime
    assert message.get_content() == "You paid 19.05.\n"
    assert receipt_sent() is True


def test_the_row_is_locked_before_the_mail_is_sent(order_id: int, smtp: MagicMock) -> None:
    asked = []

    def record(execution: ORMExecuteState) -> None:
        asked.append(str(execution.statement.compile(dialect=postgresql.dialect())))
        smtp.assert_not_called()

    event.listen(new_session, "do_orm_execute", record)
    try:
        tasks.send_receipt(order_id)
    finally:
        event.remove(new_session, "do_orm_execute", record)
    order, user = asked
    assert order.endswith(" FOR UPDATE")
    assert "FOR UPDATE" not in user


def test_receipt_of_no_order(smtp: MagicMock) -> None:
    with pytest.raises(NoResultFound):
        tasks.send_receipt(404)
    smtp.assert_not_called()


def test_what_may_pass_is_tried_again(order_id: int, smtp: MagicMock, waits: MagicMock) -> None:
    smtp.server.send_message.side_effect = [
        ConnectionRefusedError(),
        TimeoutError(),
        SMTPServerDisconnected("gone"),
        SMTPAuthenticationError(535, b"no"),
        SMTPDataError(451, b"later"),
        refused(450),
        {},
    ]
    assert tasks.send_receipt.apply((order_id,)).state == "SUCCESS"
    assert smtp.server.send_message.call_count == 7
    assert [call.kwargs for call in waits.call_args_list] == [
        {"factor": 30, "retries": retries, "maximum": 600, "full_jitter": True}
        for retries in range(6)
    ]
    assert receipt_sent() is True


@pytest.mark.usefixtures("waits")
def test_the_last_error_is_raised(order_id: int, smtp: MagicMock) -> None:
    smtp.side_effect = ConnectionRefusedError("no")
    with pytest.raises(ConnectionRefusedError):
        tasks.send_receipt.apply((order_id,)).get()
    assert smtp.call_count == 9
    assert receipt_sent() is False


@pytest.mark.parametrize(
    "error", [refused(500), refused(550), SMTPDataError(500, b""), SMTPDataError(554, b"")]
)
def test_a_refusal_is_final(order_id: int, smtp: MagicMock, error: Exception) -> None:
    smtp.server.send_message.side_effect = error
    with pytest.raises(MailRefusedError, match=r"^the mail server answered (500|550|554)$"):
        tasks.send_receipt.apply((order_id,), throw=True)
    assert smtp.server.send_message.call_count == 1
    assert receipt_sent() is False


def test_it_has_a_time_limit(order_id: int, smtp: MagicMock) -> None:
    tasks.send_receipt(order_id)
    smtp.assert_called_once_with("127.0.0.1", 1025, timeout=10)
    smtp.server.starttls.assert_not_called()
    smtp.server.login.assert_not_called()


def test_certificates_are_checked(order_id: int, settings: Settings, smtp: MagicMock) -> None:
    settings.mail_host, settings.mail_port = "mail.example.org", 587
    settings.mail_starttls = True
    settings.mail_user, settings.mail_password = "shop", SecretStr("secret")
    tasks.send_receipt(order_id)
    smtp.assert_called_once_with("mail.example.org", 587, timeout=10)
    names = [call[0] for call in smtp.server.method_calls]
    assert names == ["starttls", "login", "send_message"]
    context = smtp.server.starttls.call_args.kwargs["context"]
    assert (context.verify_mode, context.check_hostname) == (CERT_REQUIRED, True)
    smtp.server.login.assert_called_once_with("shop", "secret")
