"""What can be done with many orders."""

from django.db.models import QuerySet

from shop.models import Order
from shop.tasks import remind

PER_TASK = 500


def remind_all(orders: QuerySet[Order]) -> int:
    """Send a task for every 500 orders, and return the number of tasks."""
    ids = list(orders.order_by("pk").values_list("pk", flat=True))
    parts = [ids[first : first + PER_TASK] for first in range(0, len(ids), PER_TASK)]
    for part in parts:
        remind.delay(part)
    return len(parts)
