"""The tables."""

from django.db import models


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"
