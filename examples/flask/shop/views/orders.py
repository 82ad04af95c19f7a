"""Orders."""

from flask import Blueprint, current_app
from kombu.exceptions import OperationalError

from shop.extensions import db
from shop.fields import integer_field
from shop.models import Order, User
from shop.tasks import announce

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, int], int]:
    """Save an order, then have its receipt and the webhook sent."""
    user_id = integer_field("user_id", range(1, 2**31))
    total_cents = integer_field("total_cents", range(1, 10_000_001))
    order = Order(user=db.get_or_404(User, user_id), total_cents=total_cents)
    db.session.add(order)
    db.session.commit()
    try:
        # Only now can a worker see the row.
        announce(order.id)
    except OperationalError:
        # The order is saved: announce_late_orders() comes back to it.
        current_app.logger.exception("Order %s is announced later", order.id)
    return {"id": order.id, "user_id": user_id, "total_cents": total_cents}, 201
