"""The FastAPI app: ``uvicorn shop.main:app``."""

from typing import Annotated, Literal
from uuid import UUID

from celery.states import PROPAGATE_STATES, SUCCESS
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

from shop.celery_app import celery_app
from shop.tasks import PriceListError, make_price_list, send_receipt

app = FastAPI(title="Shop")


class Accepted(BaseModel):
    """The answer to a request that a worker completes."""

    id: UUID


class Waiting(BaseModel):
    """Not there yet, or not any more."""

    state: Literal["waiting"] = "waiting"


class Ready(BaseModel):
    """A price list."""

    state: Literal["ready"] = "ready"
    prices: dict[str, str]


class Failed(BaseModel):
    """There is none, and this is why."""

    state: Literal["failed"] = "failed"
    error: str


PriceList = Annotated[Waiting | Ready | Failed, Field(discriminator="state")]


@app.post("/receipts/{order_id}", status_code=202)
def create_receipt(order_id: int) -> None:
    """Have a receipt sent."""
    send_receipt.delay(order_id)


@app.post("/price-lists/{currency}", status_code=202)
def create_price_list(currency: str, response: Response) -> Accepted:
    """Start a price list."""
    task_id = make_price_list.delay(currency).id
    response.headers["Location"] = app.url_path_for("show_price_list", task_id=task_id)
    return Accepted(id=task_id)


@app.get("/price-lists/{task_id}")
def show_price_list(task_id: UUID) -> PriceList:
    """Answer with what is there, and wait for nothing."""
    meta = celery_app.backend.get_task_meta(str(task_id))
    state, value = meta["status"], meta["result"]
    if state == SUCCESS:
        return Ready(prices=value)
    if state in PROPAGATE_STATES:
        # Other errors can name hosts, queries or files.
        known = isinstance(value, PriceListError)
        return Failed(error=str(value) if known else type(value).__name__)
    return Waiting()


@app.delete("/price-lists/{task_id}", status_code=204)
def delete_price_list(task_id: UUID) -> None:
    """Forget a price list that is there; leave everything else alone."""
    result = celery_app.AsyncResult(str(task_id))
    if result.ready():
        result.forget()
