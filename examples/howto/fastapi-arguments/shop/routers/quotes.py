"""Quotes: asked for, and read."""

from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel

from shop.celery_app import celery_app
from shop.schemas import Parcel, Quote
from shop.tasks import make_quote

router = APIRouter(prefix="/quotes", tags=["quotes"])


class QuoteState(BaseModel):
    """How far a quote is."""

    state: str
    quote: Quote | None


@router.post("", status_code=status.HTTP_202_ACCEPTED)
def create(parcel: Parcel) -> dict[str, str]:
    """Have a quote made. A parcel that does not fit answers 422, and no task is sent."""
    return {"task_id": make_quote.delay(parcel).id}


@router.get("/{task_id}")
def read(task_id: UUID) -> QuoteState:
    """Tell how far a quote is."""
    meta = celery_app.backend.get_task_meta(str(task_id))
    done = meta["status"] == "SUCCESS"
    return QuoteState(state=meta["status"], quote=meta["result"] if done else None)
