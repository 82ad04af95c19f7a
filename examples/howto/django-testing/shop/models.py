"""The tables."""

from django.db import models


class Shipping(models.Model):
    """How an order is sent."""

    name = models.CharField(max_length=20)

    def __str__(self) -> str:
        """Name it."""
        return self.name


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()
    receipt_sent = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"
