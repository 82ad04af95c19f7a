"""An order whose customer gets a receipt."""

import os

from celery import Celery
from flask import Flask, request

app = Flask(__name__)
celery_app = Celery("shop", broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"))
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def send_receipt() -> str:
    """Send a receipt."""
    return f"receipt to {request.form['email']}"


@app.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Take an order."""
    send_receipt.delay()
    return {}, 201
