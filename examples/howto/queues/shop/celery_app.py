"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery
from kombu import Queue

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
    task_ignore_result=True,
    task_queues=[
        Queue("celery", routing_key="celery"),
        Queue("urgent", routing_key="urgent"),
        Queue("slow", routing_key="slow"),
        Queue("sorted", routing_key="sorted", max_priority=9),
    ],
    task_create_missing_queues=False,
    task_routes={
        "shop.tasks.reset_password": {"queue": "urgent"},
        "shop.tasks.make_report": {"queue": "slow"},
    },
)
celery_app.set_default()
