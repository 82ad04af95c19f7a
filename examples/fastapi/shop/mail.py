"""The mail of the shop."""

from email.message import EmailMessage
from email.utils import formatdate
from smtplib import SMTP, SMTPDataError, SMTPRecipientsRefused
from ssl import create_default_context

from shop.config import get_settings
from shop.models import Order

TIMEOUT = 10
# Codes from 400 on ask for patience, those from 500 on are final.
FINAL = 500


class MailRefusedError(Exception):
    """The mail server does not want the message, now or later."""


def send_receipt(order: Order) -> None:
    """Mail the receipt of an order to the customer.

    Raises OSError (smtplib.SMTPException is one) for what may pass, MailRefusedError for what will
    not.
    """
    try:
        deliver(receipt(order))
    except (SMTPDataError, SMTPRecipientsRefused) as error:
        code = code_of(error)
        if code >= FINAL:
            message = f"the mail server answered {code}"
            raise MailRefusedError(message) from error
        raise


def receipt(order: Order) -> EmailMessage:
    """Write the receipt of an order."""
    message = EmailMessage()
    message["Subject"] = f"Receipt for order {order.id}"
    message["From"] = get_settings().mail_sender
    message["To"] = order.user.email
    message["Date"] = formatdate()
    # The same each time, should the receipt be sent twice.
    message["Message-ID"] = f"<order-{order.id}@{message['From'].addresses[0].domain}>"
    message.set_content(f"You paid {order.total_cents / 100:.2f}.")
    return message


def deliver(message: EmailMessage) -> None:
    """Hand a message to the mail server. Without a time limit, this could wait for ever."""
    settings = get_settings()
    with SMTP(settings.mail_host, settings.mail_port, timeout=TIMEOUT) as server:
        if settings.mail_starttls:
            server.starttls(context=create_default_context())
        if settings.mail_user:
            server.login(settings.mail_user, settings.mail_password.get_secret_value())
        server.send_message(message)


def code_of(error: SMTPDataError | SMTPRecipientsRefused) -> int:
    """Return what the mail server answered."""
    if isinstance(error, SMTPDataError):
        return error.smtp_code
    ((code, _),) = error.recipients.values()
    return code
