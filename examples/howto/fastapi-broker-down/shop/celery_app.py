"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from celery import Celery

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url,
        "broker_transport_options": settings.broker_transport_options,
        "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
        "result_backend": settings.result_backend,
        "result_backend_transport_options": settings.result_backend_transport_options,
        "redis_socket_connect_timeout": 1,
        "redis_socket_timeout": 1,
        "task_ignore_result": True,
        "beat_schedule": {
            "announce-late-orders": {
                "task": "shop.tasks.announce_late_orders",
                "schedule": 60,
            },
        },
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()
