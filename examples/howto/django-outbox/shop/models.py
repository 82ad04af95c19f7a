"""The tables."""

from uuid import uuid4

from django.db import models


class Order(models.Model):
    """What a customer has bought."""

    email = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)
    receipt_sent_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        """Name the order."""
        return f"order {self.pk}"


class Message(models.Model):
    """A task that is not sent yet."""

    task = models.CharField(max_length=200)
    args = models.JSONField()
    task_id = models.UUIDField(default=uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Show the call."""
        return f"{self.task}{tuple(self.args)}"
