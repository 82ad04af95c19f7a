"""The FastAPI app: ``uvicorn shop.main:app``."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI, status
from kombu.exceptions import OperationalError
from pydantic import BaseModel, Field

from shop.celery_app import celery_app
from shop.database import Base, Order, new_session
from shop.errors import NotSentError, add_error_handlers
from shop.tasks import announce, make_report

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables."""
    Base.metadata.create_all(new_session.kw["bind"])
    yield


app = FastAPI(title="Shop", lifespan=lifespan)
add_error_handlers(app)


class NewOrder(BaseModel):
    """What a client sends."""

    email: str = Field(min_length=3, max_length=254)


@app.post("/orders", status_code=status.HTTP_201_CREATED)
def create_order(new: NewOrder) -> dict[str, int]:
    """Save an order, then have its receipt sent, now or later."""
    with new_session.begin() as session:
        order = Order(email=new.email)
        session.add(order)
        session.flush()
        order_id = order.id
    try:
        announce(order_id)
    except OperationalError:
        # The order is saved: announce_late_orders() comes back to it.
        logger.exception("Order %s is announced later", order_id)
    return {"id": order_id}


@app.post("/reports/{year}", status_code=status.HTTP_202_ACCEPTED)
def create_report(year: int) -> dict[str, str]:
    """Start a report, of which nothing is left if the broker is away."""
    try:
        return {"task_id": make_report.delay(year).id}
    # Redis as a result backend that is away is a RuntimeError.
    except RuntimeError as error:
        raise NotSentError from error


@app.get("/reports/{task_id}")
def report(task_id: UUID) -> dict[str, str]:
    """Tell how far a report is."""
    return {"state": celery_app.AsyncResult(str(task_id)).state}
