"""The tables."""

from django.db import models
from django.utils import timezone


class Order(models.Model):
    """What a customer has bought."""

    total_cents = models.PositiveIntegerField()
    placed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Report(models.Model):
    """The orders of a day. There is one row per day, whoever makes it."""

    day = models.DateField(unique=True)
    orders = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Name the report."""
        return f"report of {self.day}"
