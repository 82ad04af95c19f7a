"""One mail: who gets it, what is in it, and what the mail server says."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate
from smtplib import (
    SMTP,
    SMTPDataError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from ssl import create_default_context

from sqlalchemy import func, select, update

from shop.config import get_settings
from shop.database import Mail, new_session

TIMEOUT = 10
# Codes from 400 on mean "later", those from 500 on "never".
NEVER = 500
# Longer lines are folded, and folding makes an unreadable header of a long address.
POLICY = default.clone(max_line_length=998)


@contextmanager
def connect() -> Iterator[SMTP]:
    """Connect to the mail server; raises OSError if that fails."""
    settings = get_settings()
    with SMTP(settings.mail_host, settings.mail_port, timeout=TIMEOUT) as server:
        if settings.mail_starttls:
            server.starttls(context=create_default_context())
        if settings.mail_user:
            server.login(settings.mail_user, settings.mail_password.get_secret_value())
        yield server


def address(text: str) -> Address:
    """Return the one address of a text; raises ValueError if it is none."""
    try:
        return Address(addr_spec=text)
    except (MessageError, IndexError, AttributeError) as error:  # Python's parser has gaps
        message = "not an address"
        raise ValueError(message) from error


def build(mail: Mail) -> EmailMessage:
    """Write a mail; raises ValueError for an address that is none."""
    settings = get_settings()
    message = EmailMessage(policy=POLICY)
    message["Subject"] = mail.campaign.subject
    message["From"] = settings.mail_sender
    message["To"] = address(mail.customer.email)  # a text could be several
    message["Date"] = formatdate()
    message["Message-ID"] = f"<mail-{mail.id}@{message['From'].addresses[0].domain}>"
    way_out = f"{settings.base_url}/unsubscribe/{mail.customer.token}"
    message["List-Unsubscribe"] = f"<{way_out}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.campaign.text)
    return message


def change(mail_id: int, before: str, after: str) -> bool:
    """Change the state of a mail, and say whether it was the one expected."""
    expected = Mail.id == mail_id, Mail.state == before
    with new_session.begin() as session:
        result = session.execute(update(Mail).where(*expected).values(state=after))
        return result.rowcount == 1


def send(server: SMTP, mail_id: int) -> None:
    """Send a mail that waits, once.

    Raises OSError (smtplib.SMTPException is one) when the mail server cannot go on.
    """
    if not change(mail_id, "waiting", "sending"):
        return
    with new_session() as session:
        mail = session.get_one(Mail, mail_id)
        subscribed = mail.customer.subscribed
        try:
            message = build(mail)
        except ValueError:
            change(mail_id, "sending", "refused")
            return
    try:
        state = deliver(server, message) if subscribed else "unsubscribed"
    except SMTPSenderRefused:  # that is not about this recipient
        change(mail_id, "sending", "waiting")
        raise
    change(mail_id, "sending", state)


def deliver(server: SMTP, message: EmailMessage) -> str:
    """Hand a mail over, and return its new state; raises OSError as ``send()`` does."""
    try:
        server.send_message(message)
    except SMTPRecipientsRefused as error:
        ((code, _),) = error.recipients.values()
    except SMTPDataError as error:
        code = error.smtp_code
    except SMTPNotSupportedError:  # letters that this server does not take
        return "refused"
    else:
        return "sent"
    return "refused" if code >= NEVER else "waiting"


def waiting(mail_ids: list[int]) -> int:
    """Return how many of these mails wait."""
    query = select(func.count(Mail.id)).where(Mail.id.in_(mail_ids), Mail.state == "waiting")
    with new_session() as session:
        return session.scalar(query) or 0
