"""The tables."""

from uuid import uuid4

from django.db import models


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()
    address = models.CharField(max_length=200)
    label = models.CharField(max_length=210, blank=True)
    reminders = models.PositiveIntegerField(default=0)
    shipped = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Invoice(models.Model):
    """What a customer has to pay. Nobody can guess its number."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cents = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Name the invoice."""
        return f"invoice {self.pk}"
