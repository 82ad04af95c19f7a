"""The shop's HTTP interface."""

from flask import Blueprint, request

from shop.tasks import send_receipt

bp = Blueprint("shop", __name__)


@bp.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Take an order, and let a worker send the receipt; 400 without an address."""
    result = send_receipt.delay(request.form["email"])
    return {"task": result.id}, 201
