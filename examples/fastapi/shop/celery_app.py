"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from celery import Celery
from celery.schedules import crontab

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url,
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend,
        "result_backend_transport_options": settings.result_backend_transport_options,
        "redis_socket_connect_timeout": 5,
        "redis_socket_timeout": 5,
        # The broker keeps a message until its task has ended: every task may run twice.
        "task_acks_late": True,
        "task_ignore_result": True,
        "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
        # A task whose process was killed is tried again, max_retries times at most.
        "task_retry_on_worker_lost": True,
        "task_time_limit": 300,
        "beat_schedule": {
            "announce-late-orders": {
                "task": "shop.tasks.announce_late_orders",
                "schedule": crontab(minute="*/5"),
            },
            "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
        },
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()
