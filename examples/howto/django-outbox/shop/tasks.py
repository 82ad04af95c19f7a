"""The tasks."""

from datetime import timedelta

from celery import shared_task
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from shop import outbox
from shop.models import Order

LATE = timedelta(minutes=10)


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order, unless it is sent."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        if order.receipt_sent_at:
            return "sent before"
        send_mail("Your order", f"We have your {order}.", "shop@example.com", [order.email])
        order.receipt_sent_at = timezone.now()
        order.save(update_fields=["receipt_sent_at"])
    return f"sent to {order.email}"


@shared_task(ignore_result=True)
def relay() -> int:
    """Send what waits in the outbox."""
    return outbox.send_waiting()


@shared_task(ignore_result=True)
def sweep() -> int:
    """Send the receipts that are late, and return how many."""
    late = Order.objects.filter(receipt_sent_at=None, created_at__lt=timezone.now() - LATE)
    numbers = list(late.order_by("pk").values_list("pk", flat=True))
    for number in numbers:
        send_receipt.delay(number)
    return len(numbers)
