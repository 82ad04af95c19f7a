"""What the shop does outside of a request."""

from celery import shared_task
from django.core.management import call_command

from shop import mail
from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order, and note in its row what became of it."""
    order = Order.objects.get(pk=order_id)
    order.receipt = Order.Receipt.FAILED
    try:
        mail.send(order.email)
        order.receipt = Order.Receipt.SENT
    finally:
        order.save(update_fields=["receipt"])
    return f"sent to {order.email}"


@shared_task
def tidy() -> None:
    """Delete the sessions that have expired; Django never does that by itself."""
    call_command("clearsessions")
