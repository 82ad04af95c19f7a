"""The tables of the database ``audit``."""

from django.db import models


class Entry(models.Model):
    """Something that has happened."""

    text = models.CharField(max_length=200)
    forwarded = models.BooleanField(default=False)

    def __str__(self) -> str:
        """Say what has happened."""
        return self.text
