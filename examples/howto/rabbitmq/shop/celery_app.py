"""The Celery app; where RabbitMQ is comes from the environment."""

import os
from typing import Any

from celery import Celery

SETTINGS: dict[str, Any] = {
    "broker_url": os.environ.get("SHOP_BROKER_URL", "amqp://127.0.0.1:5672//"),
    # .delay() returns when RabbitMQ has the message, or raises.
    "broker_transport_options": {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5},
    # A name that no classic queue and no direct exchange has had.
    "task_default_queue": "shop-orders",
    "task_default_queue_type": "quorum",
    # A countdown waits in RabbitMQ, not in the worker, if the exchange is no direct one.
    "task_default_exchange_type": "topic",
    "task_acks_late": True,
    "task_ignore_result": True,
}

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(SETTINGS)
celery_app.set_default()
