"""The shop's HTTP interface."""

from flask import Blueprint

from shop.tasks import send_receipt

bp = Blueprint("shop", __name__)


@bp.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Take an order, and let a worker send the receipt."""
    result = send_receipt.delay("ada@example.com")
    return {"task": result.id}, 201
