"""The tables of the database ``default``, and of its replica."""

from django.db import models


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()
    receipt_sent = models.BooleanField(default=False)
    refunded = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"
