"""The tables."""

from django.db import models


class Job(models.Model):
    """Something that a customer once waited for."""

    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the job."""
        return f"job {self.pk}"
