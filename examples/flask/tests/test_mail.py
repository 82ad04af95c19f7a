"""What the shop adds to Flask-Mail."""

from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from ssl import CERT_REQUIRED
from unittest.mock import MagicMock

import pytest
from flask import Flask
from shop import create_app
from shop.extensions import db, mailer
from shop.mail import MailRefusedError
from shop.models import Order
from shop.tasks import send_receipt

LOGIN = {"MAIL_USERNAME": "shop", "MAIL_PASSWORD": "secret"}


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> dict[str, MagicMock]:
    """Put something in the place of both kinds of connection."""
    kinds = {"SMTP": MagicMock(), "SMTP_SSL": MagicMock()}
    for name, kind in kinds.items():
        monkeypatch.setattr(f"shop.mail.{name}", kind)
    return kinds


def send(**settings: object) -> None:
    """Send a message through an application with these settings."""
    app = create_app({"MAIL_SERVER": "mail.example.org", "MAIL_PORT": 25, **settings})
    with app.app_context():
        mailer.send_message(subject="Hello", recipients=["ada@example.org"], body="Good day.")


def test_plain(smtp: dict[str, MagicMock]) -> None:
    send()
    smtp["SMTP"].assert_called_once_with("mail.example.org", 25, timeout=10)
    host = smtp["SMTP"].return_value
    host.starttls.assert_not_called()
    host.login.assert_not_called()
    sender, recipients, message, *_ = host.sendmail.call_args.args
    assert (sender, recipients) == ("shop@example.org", ["ada@example.org"])
    assert b"Subject: Hello\r\n" in message
    host.quit.assert_called_once()


def test_starttls_and_login(smtp: dict[str, MagicMock]) -> None:
    send(MAIL_USE_TLS=True, **LOGIN)
    host = smtp["SMTP"].return_value
    assert host.starttls.call_args.kwargs["context"].verify_mode == CERT_REQUIRED
    host.login.assert_called_once_with(*LOGIN.values())


@pytest.mark.parametrize("name", LOGIN)
def test_half_a_login_is_none(smtp: dict[str, MagicMock], name: str) -> None:
    send(**{name: LOGIN[name]})
    smtp["SMTP"].return_value.login.assert_not_called()


def test_tls_from_the_start(smtp: dict[str, MagicMock]) -> None:
    send(MAIL_USE_SSL=True)
    (call,) = smtp["SMTP_SSL"].call_args_list
    assert call.args == ("mail.example.org", 25)
    assert call.kwargs["timeout"] == 10
    assert call.kwargs["context"].check_hostname is True
    smtp["SMTP"].assert_not_called()


def refused(code: int) -> SMTPRecipientsRefused:
    """Build the error of a server that does not want the recipient."""
    return SMTPRecipientsRefused({"ada@example.org": (code, b"no")})


@pytest.mark.parametrize(
    "error", [refused(500), refused(550), SMTPDataError(500, b""), SMTPDataError(554, b"")]
)
def test_a_refusal_is_final(smtp: dict[str, MagicMock], error: Exception) -> None:
    smtp["SMTP"].return_value.sendmail.side_effect = error
    with pytest.raises(MailRefusedError, match=r"^the mail server answered (500|550|554)$"):
        send()


@pytest.mark.parametrize(
    "error", [refused(450), SMTPDataError(451, b""), SMTPServerDisconnected("gone")]
)
def test_what_may_pass(smtp: dict[str, MagicMock], error: Exception) -> None:
    smtp["SMTP"].return_value.sendmail.side_effect = error
    with pytest.raises(type(error)):
        send()


def test_a_receipt_is_tried_again(
    app: Flask, user_id: int, smtp: dict[str, MagicMock], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["celery"].conf, "task_eager_propagates", False)
    waits = MagicMock(return_value=0)
    monkeypatch.setattr("celery.app.autoretry.get_exponential_backoff_interval", waits)
    app.extensions["mail"].suppress = False
    smtp["SMTP"].side_effect = ConnectionRefusedError("no")
    with app.app_context():
        db.session.add(Order(id=1, user_id=user_id, total_cents=1905))
        db.session.commit()
        with pytest.raises(ConnectionRefusedError):
            send_receipt.apply((1,)).get()
    assert smtp["SMTP"].call_count == 9
    pauses = {(call.kwargs["factor"], call.kwargs["maximum"]) for call in waits.call_args_list}
    assert pauses == {(30, 600)}
    with app.app_context():
        assert db.session.get_one(Order, 1).receipt_sent is False
