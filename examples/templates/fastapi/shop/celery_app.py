"""The Celery app, for the ``celery`` command and for whoever sends a task."""

from celery import Celery
from celery.schedules import crontab

from shop.config import get_settings

settings = get_settings()
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(
    {
        "broker_url": settings.broker_url.get_secret_value(),
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend.get_secret_value(),
        "result_backend_transport_options": settings.result_backend_transport_options,
        # In seconds. Without them, a silent Redis holds a request or a worker for ever.
        "redis_socket_connect_timeout": 5,
        "redis_socket_timeout": 5,
        # A worker that starts before its broker waits for it.
        "broker_connection_retry_on_startup": True,
        # .delay() tries once more, then raises; the request answers 503.
        "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
        # The broker keeps a message until its task has ended: every task may run twice.
        "task_acks_late": True,
        # A task whose process was killed is tried again, max_retries times at most.
        "task_retry_on_worker_lost": True,
        # In seconds, and shorter than the stop_grace_period in compose.yaml.
        "task_time_limit": 300,
        # Only a task that a client asks about keeps its result, for an hour.
        "task_ignore_result": True,
        "result_expires": 3600,
        "beat_schedule": {
            "report-of-the-year": {
                "task": "shop.tasks.make_report",
                "schedule": crontab(hour=3, minute=0),
                # Nobody asks for it, and at noon nobody needs it.
                "options": {"ignore_result": True, "expires": 9 * 3600},
            },
        },
    }
)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()
