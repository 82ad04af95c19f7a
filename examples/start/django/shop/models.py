"""The shop's tables."""

from django.db import models


class Order(models.Model):
    """What a customer has ordered, and what became of the receipt."""

    class Receipt(models.TextChoices):
        """The states of a receipt."""

        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    email = models.EmailField()
    receipt = models.CharField(max_length=7, choices=Receipt, default=Receipt.WAITING)

    def __str__(self) -> str:
        """Name the order in the admin."""
        return f"order {self.pk}"
