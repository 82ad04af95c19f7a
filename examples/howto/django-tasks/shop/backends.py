"""Send the tasks of Django's own framework to Celery's workers."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import uuid4

from celery import shared_task
from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_enqueued
from django.utils import timezone
from django.utils.module_loading import import_string


@shared_task
def run_task(path: str, args: list[object], kwargs: dict[str, object]) -> object:
    """Run one of Django's tasks in a worker."""
    task = import_string(path)
    if not isinstance(task, Task):
        raise InvalidTask(f"{path} is not a task.")
    return task.call(*args, **kwargs)


class CeleryBackend(BaseTaskBackend):
    """Send each task when the transaction is committed."""

    supports_async_task = True
    supports_defer = True

    def validate_task(self, task: Task) -> None:
        """Refuse what this backend would ignore."""
        super().validate_task(task)
        if task.takes_context:
            raise InvalidTask("Backend does not pass a context.")

    def enqueue(
        self, task: Task, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> TaskResult:
        """Return the result at once; its id is that of the Celery task."""
        self.validate_task(task)
        result = TaskResult(
            task=task,
            id=str(uuid4()),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        transaction.on_commit(
            partial(
                run_task.apply_async,
                (task.module_path, result.args, result.kwargs),
                task_id=result.id,
                shadow=task.module_path,  # the name in logs, or all tasks have one
                queue=task.queue_name,
                eta=task.run_after,
            )
        )
        task_enqueued.send(type(self), task_result=result)
        return result
