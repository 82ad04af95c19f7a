"""What the shop does not keep."""

from datetime import timedelta

from django.utils import timezone

from shop.models import Job

KEPT = timedelta(days=30)


def delete_old_jobs(batch: int = 1000) -> int:
    """Delete the jobs that are older than a month, a batch at a time, and count them."""
    old = Job.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("created_at")
    deleted = 0
    while keys := list(old.values_list("pk", flat=True)[:batch]):
        count, _ = Job.objects.filter(pk__in=keys).delete()
        deleted += count
    return deleted
