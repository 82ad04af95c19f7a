"""The tasks; a worker imports this module when Django is ready."""

from celery import shared_task

from shop.models import Order


@shared_task(ignore_result=False)
def count_orders() -> int:
    """Return how many orders wait for their receipt."""
    return Order.objects.filter(receipt_sent=False).count()


@shared_task
def delete_orders() -> None:
    """Delete the orders that have their receipt."""
    Order.objects.filter(receipt_sent=True).delete()
