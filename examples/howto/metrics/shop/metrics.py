"""What a worker counts: ``celery -A shop.celery_app worker -I shop.metrics``."""

import os
import time
from datetime import datetime

from billiard import current_process
from celery import Task, current_app
from celery.signals import (
    task_failure,
    task_postrun,
    task_prerun,
    task_retry,
    task_success,
    worker_ready,
)
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

# Raises ValueError if PROMETHEUS_MULTIPROC_DIR names no folder.
registry = CollectorRegistry()
MultiProcessCollector(registry)


def place() -> str:
    """Name the file of this process by its place in the pool, which its successor takes over."""
    return str(getattr(current_process(), "index", "main"))


values.ValueClass = values.MultiProcessValue(place)

SECONDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600)
WAITED = Histogram("shop_task_waited_seconds", "From sent to begun", ["queue"], buckets=SECONDS)
RAN = Histogram("shop_task_ran_seconds", "From begun to ended", ["task"], buckets=SECONDS)
TASKS = Counter("shop_tasks", "Tasks by what became of them", ["task", "state"])
LAST_SUCCESS = Gauge(
    "shop_task_last_success_timestamp_seconds", "When", ["task"], multiprocess_mode="max"
)


@task_prerun.connect
def begin(task: Task, **_: object) -> None:
    """Measure how long the message has waited."""
    request = task.request
    request.began = time.monotonic()
    if not (due := request.get("sent_at")):
        return  # a call without a message, or a message of an older release
    if request.eta:  # a countdown is no waiting
        due = max(due, datetime.fromisoformat(request.eta).timestamp())
    WAITED.labels(request.delivery_info["routing_key"]).observe(max(0, time.time() - due))


@task_postrun.connect
def end(task: Task, **_: object) -> None:
    """Measure how long the task has run."""
    RAN.labels(task.name).observe(time.monotonic() - task.request.began)


@task_success.connect
def succeed(sender: Task, **_: object) -> None:
    """Count a success, and remember when."""
    TASKS.labels(sender.name, "success").inc()
    LAST_SUCCESS.labels(sender.name).set_to_current_time()


@task_retry.connect
def retry(sender: Task, **_: object) -> None:
    """Count a retry."""
    TASKS.labels(sender.name, "retry").inc()


@task_failure.connect
def fail(sender: Task, **_: object) -> None:
    """Count a failure; if the process is dead, the main process does."""
    TASKS.labels(sender.name, "failure").inc()


@worker_ready.connect
def serve(**_: object) -> None:
    """Answer Prometheus, in the main process."""
    for name in current_app.tasks:
        if not name.startswith("celery."):
            for state in ("success", "retry", "failure"):
                TASKS.labels(name, state)  # 0, or the rise to the first 1 would not be seen
    address, port = os.environ.get("SHOP_METRICS_BIND", "127.0.0.1:9808").split(":")
    start_http_server(int(port), addr=address, registry=registry)
