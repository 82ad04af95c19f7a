"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
    worker_send_task_events=True,
    task_send_sent_event=True,
)
celery_app.set_default()
