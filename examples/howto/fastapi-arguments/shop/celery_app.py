"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from datetime import timedelta

from celery import Celery
from kombu.utils.json import register_type

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url,
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend,
        "task_ignore_result": True,
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()

# Who sends and who receives import this module.
register_type(
    timedelta,
    "shop.timedelta",
    lambda duration: duration.total_seconds(),
    lambda seconds: timedelta(seconds=seconds),
)
