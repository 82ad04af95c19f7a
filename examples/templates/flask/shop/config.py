"""Celery's settings. Those that differ between machines have no default."""

from collections.abc import Mapping
from typing import Any

from celery.schedules import crontab

CELERY: dict[str, Any] = {
    # In seconds. Without them, a silent Redis holds a request or a worker for ever.
    "broker_transport_options": {"socket_connect_timeout": 5, "socket_timeout": 5},
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
REQUIRED = ("broker_url", "result_backend")


def refuse_missing_settings(celery: Mapping[str, Any]) -> None:
    """Raise RuntimeError with the names of the variables that are not set."""
    missing = [f"FLASK_CELERY__{name}" for name in REQUIRED if not celery.get(name)]
    if missing:
        message = f"Set these variables: {', '.join(missing)}"
        raise RuntimeError(message)
