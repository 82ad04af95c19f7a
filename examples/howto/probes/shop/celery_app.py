"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

SECONDS = float(os.environ.get("SHOP_EXPORT_SECONDS", "3600"))

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
celery_app.conf.beat_schedule = {
    "export": {"task": "shop.tasks.export", "schedule": SECONDS, "args": (0,)},
}
celery_app.set_default()
