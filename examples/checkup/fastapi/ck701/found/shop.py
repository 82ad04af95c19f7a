"""A report that a client waits for."""

import os

from celery import Celery
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

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


@app.post("/reports/{year}")
async def create_report(year: int) -> dict[str, str]:
    """Make a report, and answer with it."""
    result = await run_in_threadpool(make_report.delay, year)
    return {"report": result.get(timeout=10)}
