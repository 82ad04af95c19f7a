"""Tasks that take long."""

import os
import time

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

SECONDS = float(os.environ.get("FLASK_SECONDS", "8"))


@shared_task
def pack() -> str:
    """Pack a large order. The message is acknowledged before."""
    time.sleep(SECONDS)
    return "packed"


@shared_task(acks_late=True)
def pack_late() -> str:
    """Pack a large order. The message is acknowledged afterwards."""
    time.sleep(SECONDS)
    return "packed"


@shared_task(soft_time_limit=2, time_limit=5)
def pack_quickly() -> str:
    """Pack what can be packed in two seconds."""
    try:
        time.sleep(SECONDS)
    except SoftTimeLimitExceeded:
        return "not ready"
    return "packed"
