"""The tables."""

from uuid import uuid4

from django.conf import settings
from django.db import models


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()
    year = models.PositiveSmallIntegerField()
    total_cents = models.PositiveIntegerField()
    receipt_sent = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Report(models.Model):
    """What somebody asked for; its id is the id of the task."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        """Name the report."""
        return f"report of {self.year}"


class Subscriber(models.Model):
    """Somebody who wants the newsletter."""

    email = models.EmailField(unique=True)

    def __str__(self) -> str:
        """Name the subscriber."""
        return self.email
