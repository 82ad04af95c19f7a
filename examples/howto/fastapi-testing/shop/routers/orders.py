"""Orders."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, status
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy.orm import Session

from shop.config import Settings, get_settings
from shop.database import new_session
from shop.models import Order
from shop.tasks import send_receipt, tell_partners

router = APIRouter(prefix="/orders", tags=["orders"])


def get_session() -> Iterator[Session]:
    """Give a request its session, and close it."""
    with new_session() as session:
        yield session


class NewOrder(BaseModel):
    """What a customer sends."""

    email: str


class Placed(BaseModel):
    """What a customer gets."""

    id: int
    sender: str


@router.post("", status_code=status.HTTP_201_CREATED)
def create(
    new: NewOrder,
    session: Annotated[Session, Depends(get_session)],
    settings: Annotated[Settings, Depends(get_settings)],
) -> Placed:
    """Save an order, commit it, and have its receipt sent."""
    order = Order(email=new.email)
    session.add(order)
    session.commit()
    send_receipt.delay(order.id)
    return Placed(id=order.id, sender=settings.sender)


@router.post("/{order_id}/partners", status_code=status.HTTP_202_ACCEPTED)
async def tell(order_id: int) -> None:
    """Send a task from the event loop."""
    await run_in_threadpool(tell_partners.delay, order_id)
