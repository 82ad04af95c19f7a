"""The Celery app; where Redis is comes from the environment."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery

REDIS_URL = os.environ.get("SHOP_REDIS_URL", "redis://127.0.0.1:6379/0")
SETTINGS: dict[str, Any] = {
    "broker_url": REDIS_URL,
    "broker_transport_options": {
        # Every key of the shop begins with it, so that others may use the same Redis.
        "global_keyprefix": "shop:",
        # In seconds. More than the longest countdown and the longest task together.
        "visibility_timeout": 2 * 60 * 60,
        # In seconds. Without it, a worker waits for ever on a connection that is dead.
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "health_check_interval": 5,
    },
    "result_backend": REDIS_URL,
    "result_backend_transport_options": {"global_keyprefix": "shop:"},
    "redis_socket_timeout": 5,
    "redis_socket_connect_timeout": 5,
    "task_ignore_result": True,
    "result_expires": timedelta(hours=1),
}

celery_app = Celery("shop", include=["shop.tasks"])
celery_app.conf.update(SETTINGS)
celery_app.set_default()
