"""The tables of the shop."""

from datetime import UTC, date, datetime
from uuid import uuid4

from django.db import models
from django.utils import timezone


def today() -> date:
    """Return the current date in UTC."""
    return datetime.now(UTC).date()


class User(models.Model):
    """A customer. Those who log in to the admin are users of ``django.contrib.auth``."""

    email = models.EmailField(unique=True)
    archived_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the customer."""
        return self.email


class Order(models.Model):
    """What a customer bought."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    total_cents = models.PositiveIntegerField()
    placed_at = models.DateTimeField(default=timezone.now, db_index=True)
    # When the broker last took the tasks that follow the order.
    announced_at = models.DateTimeField(null=True, blank=True)
    receipt_sent = models.BooleanField(default=False)
    webhook_sent = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Job(models.Model):
    """A task that a client may ask about. Its id, which nobody can guess, is the id of the task."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    started_on = models.DateField(default=today)
    cancelled = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the job."""
        return str(self.pk)
