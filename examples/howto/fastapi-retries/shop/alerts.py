"""Tell people of what has failed for good."""

import logging

from celery import Task
from celery.signals import task_failure

logger = logging.getLogger(__name__)


@task_failure.connect
def tell_people(sender: Task, task_id: str, exception: Exception, **_: object) -> None:
    """Log what your monitoring looks for. A retry does not get here."""
    logger.critical("%s %s has failed: %r", sender.name, task_id, exception)
