"""The tables of the shop."""

from django.db import models


class Product(models.Model):
    """What the shop sells."""

    price_cents = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Name the product."""
        return f"product {self.pk}"


class PriceRise(models.Model):
    """A new price for every product; `position` is the last product that has one."""

    cents = models.PositiveIntegerField()
    position = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Name the price rise."""
        return f"price rise {self.pk}"
