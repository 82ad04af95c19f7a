"""The mail of the shop."""

from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from shop.models import Order

# Codes from 400 on ask for patience, those from 500 on are final.
FINAL = 500


class MailRefusedError(Exception):
    """The mail server does not want the message, now or later."""


def send_receipt(order: Order) -> None:
    """Mail the receipt of an order to the customer.

    Raises OSError (smtplib.SMTPException is one) for what may pass, MailRefusedError for what will
    not.
    """
    paid = f"{order.total_cents / 100:.2f}"
    mail = EmailMessage(
        subject=f"Receipt for order {order.pk}",
        body=render_to_string("shop/receipt.txt", {"order": order, "paid": paid}),
        to=[order.user.email],
    )
    try:
        mail.send()
    except (SMTPDataError, SMTPRecipientsRefused) as error:
        code = code_of(error)
        if code >= FINAL:
            message = f"the mail server answered {code}"
            raise MailRefusedError(message) from error
        raise


def code_of(error: SMTPDataError | SMTPRecipientsRefused) -> int:
    """Return what the mail server answered."""
    if isinstance(error, SMTPDataError):
        return error.smtp_code
    ((code, _),) = error.recipients.values()
    return code
