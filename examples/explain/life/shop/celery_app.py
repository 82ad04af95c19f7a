"""The Celery app. ``REDIS_URL`` names the Redis server, ``BROKER_URL`` another broker."""

import os

from celery import Celery

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# Every key of this example begins with it, so that others may use the same Redis.
PREFIX = {"global_keyprefix": "life:"}

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", REDIS_URL),
    backend=REDIS_URL,
    include=["shop.tasks"],
)
celery_app.conf.broker_transport_options = PREFIX
celery_app.conf.result_backend_transport_options = PREFIX
