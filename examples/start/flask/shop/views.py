"""The shop's HTTP interface."""

from typing import Any
from uuid import UUID

from celery import states
from celery.result import AsyncResult
from flask import Blueprint, request, url_for

from shop.tasks import send_receipt

bp = Blueprint("shop", __name__)


@bp.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Take an order, and let a worker send the receipt; 400 without an address."""
    email = request.form["email"]
    result = send_receipt.delay(email)
    url = url_for("shop.receipt", task_id=result.id)
    return {"email": email, "receipt": url}, 201


@bp.get("/receipts/<uuid:task_id>")
def receipt(task_id: UUID) -> dict[str, Any]:
    """Tell how far the receipt is; that it failed is an answer, too."""
    result = AsyncResult(str(task_id))
    status: dict[str, Any] = {"state": result.state}
    if status["state"] == states.SUCCESS:
        status["result"] = result.result
    elif status["state"] == states.FAILURE:
        status["error"] = str(result.result)
    return status
