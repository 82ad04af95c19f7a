"""The tables of the shop."""

from django.db import models


class Customer(models.Model):
    """Somebody who collects points."""

    points = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Name the customer."""
        return f"customer {self.pk}"


class Order(models.Model):
    """What a customer bought."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    total_cents = models.PositiveIntegerField()
    credited = models.BooleanField(default=False)
    receipt = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Invoice(models.Model):
    """An invoice; its id is its number. One for each order."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT)

    def __str__(self) -> str:
        """Name the invoice."""
        return f"invoice {self.pk}"
