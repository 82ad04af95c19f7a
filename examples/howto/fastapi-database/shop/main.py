"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import IntegrityError

from shop.dependencies import SessionDep
from shop.models import Order
from shop.orders import place_order
from shop.tasks import send_receipt

app = FastAPI(title="Shop")


class NewOrder(BaseModel):
    """What a client sends."""

    email: str


class SavedOrder(NewOrder):
    """What the client gets."""

    model_config = ConfigDict(from_attributes=True)

    id: int


@app.post("/orders", status_code=status.HTTP_201_CREATED, response_model=SavedOrder)
def create_order(new: NewOrder, session: SessionDep) -> Order:
    """Save an order, then have its receipt sent."""
    order = Order(email=new.email)
    session.add(order)
    session.commit()
    # Only now can a worker see the row.
    send_receipt.delay(order.id)
    return order


@app.post("/group-orders", status_code=status.HTTP_201_CREATED)
def create_group(group: list[NewOrder], session: SessionDep) -> list[str]:
    """Save all orders or none, and answer with the ids of their tasks."""
    task_ids = [place_order(session, new.email) for new in group]
    session.commit()
    return task_ids


@app.exception_handler(IntegrityError)
async def conflict(_request: Request, _error: IntegrityError) -> JSONResponse:
    """Say that an address has an order."""
    return JSONResponse({"detail": "this address has an order"}, status.HTTP_409_CONFLICT)
