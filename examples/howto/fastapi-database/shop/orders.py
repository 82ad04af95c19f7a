"""The rules of the shop. The caller commits."""

from sqlalchemy.orm import Session

from shop.after_commit import send_after_commit
from shop.models import Order
from shop.tasks import send_receipt


def place_order(session: Session, email: str) -> str:
    """Add an order, have its receipt sent after the commit, and return that task's id.

    Raises IntegrityError if the address has an order.
    """
    order = Order(email=email)
    session.add(order)
    # The row has its id now, and nobody else sees it.
    session.flush()
    return send_after_commit(session, send_receipt.s(order.id))
