"""An order whose customer gets a receipt."""

import os

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
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"receipt to {email}"


@app.post("/orders/{email}")
async def create_order(email: str) -> dict[str, str]:
    """Have a receipt sent."""
    return {"task_id": send_receipt.delay(email).id}
