"""An image that a task makes smaller."""

import os

from celery import Celery
from fastapi import FastAPI, UploadFile

app = FastAPI()
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def shrink_image(name: str) -> str:
    """Make an image smaller."""
    return f"shrunk {name}"


@app.post("/images")
def create_image(image: UploadFile) -> dict[str, str]:
    """Have an image made smaller."""
    return {"task_id": shrink_image.delay(image).id}
