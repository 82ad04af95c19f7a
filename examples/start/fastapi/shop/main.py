"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from typing import Any
from uuid import UUID

from celery import states
from fastapi import FastAPI, status
from pydantic import BaseModel

from shop.celery_app import celery_app
from shop.tasks import send_receipt

app = FastAPI(title="Shop")


class NewOrder(BaseModel):
    """What a customer sends."""

    email: str


class SavedOrder(BaseModel):
    """What the customer gets at once."""

    email: str
    receipt: str


class Receipt(BaseModel):
    """How far the receipt is."""

    state: str
    result: Any = None
    error: str | None = None


@app.post("/orders", status_code=status.HTTP_201_CREATED)
def create_order(new: NewOrder) -> SavedOrder:
    """Take an order, and let a worker send the receipt; 422 without an address."""
    result = send_receipt.delay(new.email)
    return SavedOrder(email=new.email, receipt=f"/receipts/{result.id}")


@app.get("/receipts/{task_id}", response_model_exclude_none=True)
def receipt(task_id: UUID) -> Receipt:
    """Tell how far the receipt is; that it failed is an answer, too."""
    result = celery_app.AsyncResult(str(task_id))
    state = result.state
    if state == states.SUCCESS:
        return Receipt(state=state, result=result.result)
    if state == states.FAILURE:
        return Receipt(state=state, error=str(result.result))
    return Receipt(state=state)
