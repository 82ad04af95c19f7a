"""Orders."""

import logging

from fastapi import APIRouter, Depends, HTTPException
from kombu.exceptions import OperationalError
from pydantic import BaseModel, ConfigDict, Field

from shop.dependencies import SessionDep, require_json
from shop.errors import problems
from shop.models import Order, User
from shop.tasks import announce

logger = logging.getLogger(__name__)
router = APIRouter(tags=["orders"])


class NewOrder(BaseModel):
    """What a client sends."""

    # Strict: no text that looks like a number, and no true in place of 1.
    model_config = ConfigDict(strict=True)

    user_id: int = Field(ge=1, le=2**31 - 1)
    total_cents: int = Field(ge=1, le=10_000_000)


class SavedOrder(NewOrder):
    """What the client gets."""

    id: int


@router.post(
    "/orders",
    status_code=201,
    dependencies=[Depends(require_json)],
    responses=problems(400, 404, 415),
)
def create_order(new: NewOrder, session: SessionDep) -> SavedOrder:
    """Save an order, then have its receipt and the webhook sent."""
    if session.get(User, new.user_id) is None:
        raise HTTPException(404, "no such user")
    order = Order(user_id=new.user_id, total_cents=new.total_cents)
    session.add(order)
    session.commit()
    try:
        # Only now can a worker see the row.
        announce(order.id)
    except OperationalError:
        # The order is saved: announce_late_orders() comes back to it.
        logger.exception("Order %s is announced later", order.id)
    return SavedOrder(id=order.id, user_id=order.user_id, total_cents=order.total_cents)
