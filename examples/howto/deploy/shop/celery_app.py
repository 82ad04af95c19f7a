"""A Celery app for each release; what differs from machine to machine comes from the environment."""

import json
import os

from celery import Celery


def make_celery_app() -> Celery:
    """Return an app without tasks."""
    celery_app = Celery("shop", set_as_current=False)
    celery_app.conf.update(
        broker_url=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"),
        broker_transport_options=json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}")),
        result_backend=os.environ.get("SHOP_RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
    )
    return celery_app
