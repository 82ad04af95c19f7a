"""The HTTP interface."""

from flask import Blueprint, request

from shop.models import Order, db
from shop.tasks import send_receipt

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, int], int]:
    """Save an order, then have its receipt sent."""
    order = Order(email=request.form["email"])
    db.session.add(order)
    db.session.commit()
    send_receipt.delay(order.id)
    return {"id": order.id}, 201
