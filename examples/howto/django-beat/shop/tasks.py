"""The tasks."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from shop.models import Order, Report


@shared_task
def make_report(days_ago: int = 1) -> str:
    """Count the orders of a day, once, however often this is sent."""
    day = timezone.localdate() - timedelta(days=days_ago)
    with transaction.atomic():
        # A second run waits here for the first one, and finds its row.
        report, created = Report.objects.get_or_create(day=day)
        if not created:
            return "was there"
        report.orders = Order.objects.filter(placed_at__date=day).count()
        report.save(update_fields=["orders"])
    return f"{report.orders} orders"
