"""Flask-Mail, with a time limit and with certificates that are checked."""

from smtplib import SMTP, SMTP_SSL, SMTPDataError, SMTPRecipientsRefused
from ssl import create_default_context

import flask_mail
from flask import current_app

TIMEOUT = 10
# Codes from 400 on ask for patience, those from 500 on are final.
FINAL = 500


class MailRefusedError(Exception):
    """The mail server does not want the message, now or later."""


class Connection(flask_mail.Connection):
    """A connection to the mail server."""

    def configure_host(self) -> SMTP:
        """Connect. Flask-Mail would wait for ever, and take any certificate.

        Raises OSError (smtplib.SMTPException and ssl.SSLError are two) if that fails.
        """
        mail = self.mail
        context = create_default_context()
        if mail.use_ssl:
            host: SMTP = SMTP_SSL(mail.server, mail.port, timeout=TIMEOUT, context=context)
        else:
            host = SMTP(mail.server, mail.port, timeout=TIMEOUT)
        if mail.use_tls:
            host.starttls(context=context)
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host


class Mail(flask_mail.Mail):
    """The mail extension."""

    def connect(self) -> Connection:
        """Open a connection to the mail server of the current application."""
        return Connection(current_app.extensions["mail"])

    def send(self, message: flask_mail.Message) -> None:
        """Send a message.

        Raises OSError (smtplib.SMTPException is one) for what may pass, MailRefusedError for what
        will not.
        """
        try:
            super().send(message)
        except (SMTPDataError, SMTPRecipientsRefused) as error:
            code = code_of(error)
            if code >= FINAL:
                text = f"the mail server answered {code}"
                raise MailRefusedError(text) from error
            raise


def code_of(error: SMTPDataError | SMTPRecipientsRefused) -> int:
    """Return what the mail server answered."""
    if isinstance(error, SMTPDataError):
        return error.smtp_code
    ((code, _),) = error.recipients.values()
    return code
