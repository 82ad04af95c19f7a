"""The rules of the shop. The caller commits."""

from sqlalchemy.orm import Session

from shop.after_commit import send_after_commit
from shop.models import Order
from shop.tasks import send_receipt


def place_order(session: Session, email: str) -> None:
    """Add an order, and have its receipt sent after the commit."""
    order = Order(email=email)
    session.add(order)
    session.flush()
    send_after_commit(session, send_receipt.s(order.id))
