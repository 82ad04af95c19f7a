"""Orders."""

from flask import Blueprint, current_app

from shop.extensions import db
from shop.fields import integer_field
from shop.models import Order, User
from shop.tasks import send_receipt, send_webhook

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, int], int]:
    """Save an order, then have its receipt and the webhook sent."""
    user_id = integer_field("user_id", range(1, 2**31))
    total_cents = integer_field("total_cents", range(1, 10_000_001))
    order = Order(user=db.get_or_404(User, user_id), total_cents=total_cents)
    db.session.add(order)
    db.session.commit()
    # Only now can a worker see the row.
    send_receipt.delay(order.id)
    if current_app.config["WEBHOOK_URL"]:
        send_webhook.delay(order.id)
    return {"id": order.id, "user_id": user_id, "total_cents": total_cents}, 201
