"""The HTTP interface."""

from flask import Blueprint, request
from sqlalchemy.exc import IntegrityError

from shop import outbox
from shop.models import Order, db
from shop.orders import place_order
from shop.tasks import send_receipt

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, str], int]:
    """Save an order, then have its receipt sent.

    400 without an address, 409 for a second order.
    """
    order = Order(email=request.form["email"])
    db.session.add(order)
    db.session.commit()
    # Only now can a worker see the row.
    result = send_receipt.delay(order.id)
    return {"receipt": result.id}, 201


@bp.post("/group-orders")
def create_group() -> tuple[dict[str, list[str]], int]:
    """Save an order for each address, all or none; 409 if one has an order."""
    receipts = [place_order(email) for email in request.form.getlist("email")]
    db.session.commit()
    return {"receipts": receipts}, 201


@bp.post("/safe-orders")
def create_safe() -> tuple[dict[str, str], int]:
    """Save an order and the task in one transaction.

    400 without an address, 409 for a second order.
    """
    order = Order(email=request.form["email"])
    db.session.add(order)
    db.session.flush()
    task_id = outbox.put(send_receipt, order.id)
    db.session.commit()
    return {"receipt": task_id}, 201


@bp.errorhandler(IntegrityError)
def conflict(_: IntegrityError) -> tuple[dict[str, str], int]:
    """Say that the address has an order."""
    db.session.rollback()
    return {"error": "this customer has an order"}, 409
