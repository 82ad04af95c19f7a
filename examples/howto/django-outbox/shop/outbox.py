"""An outbox: tasks that wait in the database, so that none is lost."""

from celery import Task, signature
from django.db import transaction

from shop.models import Message


def put(task: Task, *args: object) -> str:
    """Write a task into the outbox, in the caller's transaction; return the task's id."""
    message = Message.objects.create(task=task.name, args=args)
    return str(message.task_id)


def send_waiting() -> int:
    """Send what waits, the oldest first; return how many.

    Raises kombu.exceptions.OperationalError if the broker refuses; the rest then waits.
    """
    sent = 0
    while send_oldest():
        sent += 1
    return sent


@transaction.atomic(durable=True)
def send_oldest() -> bool:
    """Send the oldest message that no other relay holds; return whether there was one."""
    message = Message.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if message is None:
        return False
    signature(message.task, message.args).apply_async(task_id=str(message.task_id))
    # If the process dies here, the next relay sends the task again, with the same id.
    message.delete()
    return True
