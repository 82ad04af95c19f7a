"""Put aside what kills its process."""

from billiard.exceptions import WorkerLostError
from celery import Task
from celery.signals import task_failure

QUEUE = "labels.dead"


@task_failure.connect
def put_aside(sender: Task, exception: Exception, args: list, kwargs: dict, **_: object) -> None:
    """Send the task to a queue that only a worker with ``-Q labels.dead`` reads."""
    came_from = sender.request.delivery_info or {}
    if isinstance(exception, WorkerLostError) and came_from.get("routing_key") != QUEUE:
        sender.apply_async(args, kwargs, queue=QUEUE)
