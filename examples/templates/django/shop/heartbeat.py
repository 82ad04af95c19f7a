"""A sign of life of the worker that loads this module with ``-I``, for a health check."""

import os
from pathlib import Path

from celery.signals import heartbeat_sent

FILE = Path(os.environ["WORKER_HEARTBEAT_FILE"])


@heartbeat_sent.connect
def touch(**_: object) -> None:
    """Touch the file, every two seconds."""
    FILE.touch()
