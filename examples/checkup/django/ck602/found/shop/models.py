"""The tables of the shop."""

from django.db import models


class Order(models.Model):
    """What a customer has ordered."""

    email = models.EmailField()

    def __str__(self) -> str:
        """Return the number."""
        return f"order {self.pk}"
