"""A route that tells how far a task is."""

import os
from uuid import UUID

from celery import Celery
from celery.result import AsyncResult
from flask import Flask

app = Flask(__name__)
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@app.get("/receipts/<uuid:task_id>")
def receipt(task_id: UUID) -> dict[str, str]:
    """Tell how far a receipt is."""
    return {"state": AsyncResult(str(task_id)).state}
