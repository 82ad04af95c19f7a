"""The Celery app; what differs from machine to machine comes from the environment."""

import os

from celery import Celery

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
# The tasks are those of @shared_task; without this line, other threads would find another app.
celery_app.set_default()
