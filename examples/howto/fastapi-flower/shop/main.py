"""The shop's HTTP interface: ``uvicorn shop.main:app``."""

from fastapi import FastAPI, status
from pydantic import BaseModel

from shop.tasks import send_receipt

app = FastAPI(title="Shop")


class NewOrder(BaseModel):
    """What a customer sends."""

    email: str


class SavedOrder(BaseModel):
    """What the customer gets at once."""

    task_id: str


@app.post("/orders", status_code=status.HTTP_201_CREATED)
def create_order(new: NewOrder) -> SavedOrder:
    """Take an order, and let a worker send the receipt; events and logs do not show the address."""
    result = send_receipt.apply_async([new.email], argsrepr="(<email>,)")
    return SavedOrder(task_id=result.id)
