"""``python manage.py relay``: send what waits in the outbox."""

from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from shop import outbox


class Command(BaseCommand):
    """Send what waits in the outbox."""

    help = "Send what waits in the outbox."

    def handle(self, *_args: str, **_options: object) -> None:
        """Send, and say how many."""
        try:
            sent = outbox.send_waiting()
        except OperationalError as exc:
            message = f"the broker refuses: {exc}"
            raise CommandError(message) from exc
        self.stdout.write(f"{sent} sent")
