"""The Celery app; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery

OPTIONS = os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(
    broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
    broker_transport_options=json.loads(OPTIONS),
    task_ignore_result=True,
    timezone="UTC",
    # Rows: one entry looks for all that is due.
    beat_schedule={
        "send what is due": {
            "task": "shop.tasks.send_due",
            "schedule": float(os.environ.get("SHOP_SWEEP_SECONDS", "60")),
            "options": {"expires": 50},
        }
    },
    # RedBeat: its settings have no prefix.
    redbeat_redis_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    redbeat_redis_options={"socket_timeout": 5},
    redbeat_key_prefix="shop:beat:",
    redbeat_lock_timeout=60,
    beat_max_loop_interval=5,
)
celery_app.set_default()
