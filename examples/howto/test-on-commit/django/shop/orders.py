"""The rules of the shop. The caller commits."""

from shop.models import Order
from shop.tasks import send_receipt


def place_order(email: str) -> None:
    """Add an order, and have its receipt sent after the commit."""
    order = Order.objects.create(email=email)
    send_receipt.delay_on_commit(order.pk)
