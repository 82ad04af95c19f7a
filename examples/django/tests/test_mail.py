"""The mail: what is sent, what is tried again, and over which connection."""

from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)
from ssl import CERT_REQUIRED
from unittest.mock import MagicMock, patch

from config import celery_app
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from shop import tasks
from shop.mail import MailRefusedError, send_receipt
from shop.models import Order, User

from tests.cases import WithRows, new_order, new_user
from tests.lanes import changed

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def refused(code: int) -> SMTPRecipientsRefused:
    """Build the error of a server that does not want the recipient."""
    return SMTPRecipientsRefused({"ada@example.org": (code, b"no")})


class ReceiptTest(WithRows):
    """The message."""

    def test_receipt(self) -> None:
        order = new_order(new_user())
        send_receipt(order)
        (message,) = mail.outbox
        self.assertEqual(message.from_email, "shop@example.org")
        self.assertEqual(message.to, ["ada@example.org"])
        self.assertEqual(message.subject, f"Receipt for order {order.pk}")
        self.assertEqual(message.body, "Dear ada@example.org,\n\nyou paid 19.05.\n")

    def test_a_text_is_no_html(self) -> None:
        user = User.objects.create(email="d'arcy&co@example.org")
        send_receipt(new_order(user))
        self.assertEqual(mail.outbox[0].body, "Dear d'arcy&co@example.org,\n\nyou paid 19.05.\n")


class RetryTest(WithRows):
    """What the mail server says, and what becomes of the task."""

    def setUp(self) -> None:
        super().setUp()
        self.order = new_order(new_user())
        # Otherwise apply() raises celery.exceptions.Retry in place of trying again.
        self.enterContext(changed(celery_app, task_eager_propagates=False))
        wait = "celery.app.autoretry.get_exponential_backoff_interval"
        self.wait = self.enterContext(patch(wait, return_value=0))

    def send(self, *outcomes: object) -> tuple[MagicMock, str, object]:
        """Run the task. Return the calls of the mail server, the state and the result."""
        with patch.object(EmailBackend, "send_messages", side_effect=outcomes) as calls:
            result = tasks.send_receipt.apply((self.order.pk,))
        return calls, result.state, result.result

    def test_what_may_pass_is_tried_again(self) -> None:
        outcomes = (
            ConnectionRefusedError(),
            TimeoutError(),
            SMTPServerDisconnected("gone"),
            SMTPAuthenticationError(535, b"no"),
            SMTPDataError(451, b"later"),
            refused(450),
            1,
        )
        calls, state, _ = self.send(*outcomes)
        self.assertEqual((calls.call_count, state), (7, "SUCCESS"))
        self.assertEqual(
            [call.kwargs for call in self.wait.call_args_list],
            [
                {"factor": 30, "retries": retries, "maximum": 600, "full_jitter": True}
                for retries in range(6)
            ],
        )
        self.assertIs(Order.objects.get().receipt_sent, True)

    def test_the_last_error_is_raised(self) -> None:
        calls, state, error = self.send(*[ConnectionRefusedError("no")] * 9)
        self.assertEqual((calls.call_count, state), (9, "FAILURE"))
        self.assertIsInstance(error, ConnectionRefusedError)
        self.assertIs(Order.objects.get().receipt_sent, False)

    def test_a_refusal_is_final(self) -> None:
        for error in (refused(500), refused(550), SMTPDataError(500, b""), SMTPDataError(554, b"")):
            with self.subTest(error):
                calls, state, raised = self.send(error)
                self.assertEqual((calls.call_count, state), (1, "FAILURE"))
                self.assertIsInstance(raised, MailRefusedError)
                self.assertRegex(str(raised), "^the mail server answered (500|550|554)$")
                self.assertIs(Order.objects.get().receipt_sent, False)


class ConnectionTest(WithRows):
    """The connection to the mail server."""

    def send(self, kind: str, **settings: object) -> MagicMock:
        """Send a receipt over what is in the place of a connection, and return it."""
        order = new_order(new_user())
        with (
            self.settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="mail.example.org", **settings),
            patch(f"smtplib.{kind}") as connect,
        ):
            send_receipt(order)
        return connect

    def test_it_has_a_time_limit(self) -> None:
        connect = self.send("SMTP", EMAIL_PORT=25)
        self.assertEqual(connect.call_args.args, ("mail.example.org", 25))
        self.assertEqual(connect.call_args.kwargs["timeout"], 10)
        connect.return_value.starttls.assert_not_called()
        connect.return_value.login.assert_not_called()
        connect.return_value.quit.assert_called_once_with()

    def test_certificates_are_checked(self) -> None:
        login = {"EMAIL_HOST_USER": "shop", "EMAIL_HOST_PASSWORD": "secret"}
        host = self.send("SMTP", EMAIL_USE_TLS=True, **login).return_value
        context = host.starttls.call_args.kwargs["context"]
        self.assertEqual((context.verify_mode, context.check_hostname), (CERT_REQUIRED, True))
        host.login.assert_called_once_with("shop", "secret")
