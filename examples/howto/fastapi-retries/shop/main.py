"""The FastAPI app: ``uvicorn shop.main:app``."""

from typing import Any
from uuid import UUID

from celery.states import PROPAGATE_STATES, SUCCESS
from fastapi import FastAPI, status
from pydantic import BaseModel, Field

from shop.celery_app import celery_app
from shop.payments import PaymentRefusedError
from shop.tasks import charge

app = FastAPI(title="Shop")


class NewPayment(BaseModel):
    """What a client sends."""

    cents: int = Field(ge=1, le=10_000_000)


@app.post("/orders/{order_id}/payment", status_code=status.HTTP_202_ACCEPTED)
def create_payment(order_id: int, new: NewPayment) -> dict[str, str]:
    """Have a customer charged."""
    return {"task_id": charge.delay(order_id, new.cents).id}


@app.get("/payments/{task_id}")
def payment(task_id: UUID) -> dict[str, Any]:
    """Tell what has become of a payment, not how often it was tried."""
    result = celery_app.AsyncResult(str(task_id))
    meta = result.backend.get_task_meta(result.id)
    if meta["status"] == SUCCESS:
        return {"state": "paid", "receipt": meta["result"]}
    if meta["status"] in PROPAGATE_STATES:
        error = meta["result"]
        refused = isinstance(error, PaymentRefusedError)
        return {"state": "failed", "error": str(error) if refused else "try again later"}
    return {"state": "pending"}
