"""A shop with a module of tasks."""

import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    include=["receipts"],
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()
