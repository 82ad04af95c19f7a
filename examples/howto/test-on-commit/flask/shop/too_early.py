"""The HTTP interface, with a mistake."""

from flask import Blueprint, request

from shop.models import Order, db
from shop.tasks import send_receipt

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, int], int]:
    """Have the receipt sent, then save the order."""
    order = Order(email=request.form["email"])
    db.session.add(order)
    db.session.flush()
    send_receipt.delay(order.id)
    db.session.commit()
    return {"id": order.id}, 201
