"""Sending mail."""

import smtplib
from email.message import EmailMessage

from flask import current_app


def send(message: EmailMessage) -> None:
    """Give a message to the mail server of the configuration.

    Raises OSError (smtplib.SMTPException is one) if the server does not take it.
    """
    config = current_app.config
    with smtplib.SMTP(config["SMTP_HOST"], config["SMTP_PORT"], timeout=10) as smtp:
        smtp.send_message(message)
