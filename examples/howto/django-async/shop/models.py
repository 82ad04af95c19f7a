"""The tables."""

from django.db import models


class Order(models.Model):
    """What a customer has bought; the shop is small, each customer orders once."""

    email = models.EmailField(unique=True)
    receipt_sent = models.BooleanField(default=False)
    partners_told = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"
