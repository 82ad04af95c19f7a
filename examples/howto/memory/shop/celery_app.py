"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    task_ignore_result=True,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=400_000,  # KiB
)
celery_app.set_default()
