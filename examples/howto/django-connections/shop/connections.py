"""The database connections of this process."""

from celery import Task
from celery.signals import task_prerun, task_received
from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

opened: list[str] = []


@receiver(connection_created)
def note_connection(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Note a connection that this process has opened."""
    opened.append(connection.alias)


@task_prerun.connect
def close_before_task(task: Task, **_: object) -> None:
    """Do before a task what Django does before a request."""
    # An eager task uses the connection, and the transaction, of its caller.
    if not task.request.is_eager:
        close_old_connections()


@task_received.connect
def close_in_parent(**_: object) -> None:
    """Do the same for the connection of a worker's parent, whenever it receives a task."""
    close_old_connections()
