"""Orders, and what follows from them."""

from shop.models import Order
from shop.tasks import send_receipt


def place_order(email: str) -> Order:
    """Save an order, and have its receipt sent."""
    order = Order.objects.create(email=email)
    send_receipt.delay_on_commit(order)
    return order
