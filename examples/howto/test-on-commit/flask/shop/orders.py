"""The rules of the shop. The caller commits."""

from shop.after_commit import send_after_commit
from shop.models import Order, db
from shop.tasks import send_receipt


def place_order(email: str) -> None:
    """Add an order, and have its receipt sent after the commit."""
    order = Order(email=email)
    db.session.add(order)
    db.session.flush()
    send_after_commit(send_receipt.s(order.id))
