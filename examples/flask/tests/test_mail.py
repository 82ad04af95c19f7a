"""What the shop adds to Flask-Mail."""

from ssl import CERT_REQUIRED
from unittest.mock import MagicMock

import pytest
from shop import create_app
from shop.extensions import mailer

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
