"""The tables."""

from uuid import uuid4

from django.db import models


class Order(models.Model):
    """What a customer has bought; one order per customer."""

    email = models.EmailField(unique=True)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Job(models.Model):
    """A report that somebody asked for; its id is the id of the task."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    year = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        """Name the job."""
        return f"report of {self.year}"
