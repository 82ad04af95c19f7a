"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab

from shop.zones import InZone

OPTIONS = os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(OPTIONS),
    task_ignore_result=True,
    timezone=os.environ.get("SHOP_TIMEZONE", "UTC"),
    beat_schedule={
        "clean up": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
        "look for orders": {"task": "shop.tasks.tidy", "schedule": timedelta(minutes=10)},
        "report for Berlin": {
            "task": "shop.tasks.make_report",
            "schedule": InZone("Europe/Berlin", minute=30, hour=2),
            "args": ["Berlin"],
        },
    },
)
celery_app.set_default()
