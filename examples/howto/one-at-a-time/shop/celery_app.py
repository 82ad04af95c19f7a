"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

celery_app = Celery("shop", include=["shop.tasks", "shop.naive"])
celery_app.conf.update(
    task_default_queue="stock",
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
celery_app.set_default()
