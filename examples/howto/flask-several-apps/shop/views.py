"""Orders and their receipts."""

from uuid import UUID

from celery.result import AsyncResult
from flask import Blueprint, current_app, request, url_for

from shop.celery_app import own
from shop.tasks import send_receipt

bp = Blueprint("orders", __name__)


@bp.post("/orders")
def create() -> tuple[dict[str, str], int]:
    """Take an order, and let a worker of the same stage send the receipt."""
    result = own(send_receipt).delay(request.form["email"])
    return {"receipt": url_for("orders.receipt", task_id=result.id)}, 201


@bp.get("/receipts/<uuid:task_id>")
def receipt(task_id: UUID) -> dict[str, str]:
    """Tell how far the receipt is."""
    result = AsyncResult(str(task_id), app=current_app.extensions["celery"])
    return {"state": result.state}
