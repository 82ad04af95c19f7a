"""An image that a task makes smaller."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

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
UPLOADS = Path(os.environ.get("UPLOADS", "uploads"))


@celery_app.task
def shrink_image(name: str) -> str:
    """Make an image smaller."""
    return f"shrunk {name}"


@app.post("/images")
def create_image(image: UploadFile) -> dict[str, str]:
    """Save an image under a name of its own, and have it made smaller."""
    name = uuid4().hex
    with (UPLOADS / name).open("xb") as file:
        shutil.copyfileobj(image.file, file)
    return {"task_id": shrink_image.delay(name).id}
