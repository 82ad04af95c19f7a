"""A parcel whose price a task looks up."""

import os

from celery import Celery
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


class Parcel(BaseModel):
    """What is sent, and where to."""

    grams: int
    country: str


@celery_app.task(pydantic=True)
def make_quote(parcel: Parcel) -> str:
    """Say what a parcel costs."""
    return f"{parcel.grams} g to {parcel.country}"


@app.post("/quotes")
def create_quote(parcel: Parcel) -> dict[str, str]:
    """Have a quote made."""
    return {"task_id": make_quote.delay(parcel).id}
