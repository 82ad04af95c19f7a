"""Orders and their receipts."""

from uuid import UUID

from fastapi import APIRouter, status

from shop.celery_app import own
from shop.dependencies import CeleryApp
from shop.tasks import send_receipt

router = APIRouter()


@router.post("/orders", status_code=status.HTTP_201_CREATED)
def create(email: str, celery_app: CeleryApp) -> dict[str, str]:
    """Take an order, and let a worker of the same tenant send the receipt."""
    return {"task_id": own(celery_app, send_receipt).delay(email).id}


@router.get("/receipts/{task_id}")
def receipt(task_id: UUID, celery_app: CeleryApp) -> dict[str, str]:
    """Tell how far the receipt is."""
    return {"state": celery_app.AsyncResult(str(task_id)).state}
