"""Orders, and what follows from them."""

from django.db import transaction

from shop.models import Order
from shop.tasks import send_receipt


def place_order(email: str) -> Order:
    """Save an order, and have its receipt sent."""
    with transaction.atomic():
        order = Order.objects.create(email=email)
        send_receipt.delay(order.pk)
    return order
