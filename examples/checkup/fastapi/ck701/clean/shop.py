"""A report that a client asks for."""

import os
from uuid import UUID

from celery import Celery
from fastapi import FastAPI

app = FastAPI()
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def make_report(year: int) -> str:
    """Make the report of a year."""
    return f"report of {year}"


@app.post("/reports/{year}", status_code=202)
def create_report(year: int) -> dict[str, str]:
    """Have a report made, and answer with the id of its task."""
    return {"task_id": make_report.delay(year).id}


@app.get("/reports/{task_id}")
def read_report(task_id: UUID) -> dict[str, str]:
    """Tell how far a report is."""
    return {"state": celery_app.AsyncResult(str(task_id)).state}
