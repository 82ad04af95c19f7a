"""An outbox: tasks that wait in the database, so that none is lost."""

from celery import Task, shared_task, signature, uuid
from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, mapped_column

from shop.models import db


class Message(db.Model):
    """A task that has not been sent yet."""

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    args: Mapped[list] = mapped_column(JSON)
    task_id: Mapped[str]


def put(task: Task, *args: object) -> str:
    """Write a task into the outbox, in the caller's transaction; return its id."""
    message = Message(task=task.name, args=list(args), task_id=uuid())
    db.session.add(message)
    return message.task_id


@shared_task(ignore_result=True)
def relay() -> None:
    """Send what waits in the outbox, the oldest first.

    Raises kombu.exceptions.OperationalError if the broker is down; the rest then waits.
    """
    oldest = select(Message).order_by(Message.id).limit(1)
    while message := db.session.scalar(oldest.with_for_update(skip_locked=True)):
        signature(message.task, message.args).apply_async(task_id=message.task_id)
        # If the process dies here, the next run sends the task again, with the same id.
        db.session.delete(message)
        db.session.commit()
