"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os
import time
from typing import Any

from celery import Celery
from celery.signals import before_task_publish

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    task_ignore_result=True,
    beat_schedule={
        "heartbeat": {
            "task": "shop.tasks.heartbeat",
            "schedule": 60,
            "options": {"expires": 300},
        }
    },
)
celery_app.set_default()


@before_task_publish.connect
def stamp(headers: dict[str, Any], **_: object) -> None:
    """Write the time onto the message."""
    headers["sent_at"] = time.time()
