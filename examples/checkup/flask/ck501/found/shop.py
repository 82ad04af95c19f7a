"""A receipt that needs the settings of Flask."""

import os

from celery import Celery
from flask import Flask, current_app

app = Flask(__name__)
app.config["SENDER"] = os.environ.get("SENDER", "shop@example.com")

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"from {current_app.config['SENDER']} to {email}"
