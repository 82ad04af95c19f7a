"""Give a shop's Celery app the settings of a lane, which come from the environment."""

import importlib
import json
import os
from datetime import timedelta
from pathlib import Path
from time import time_ns
from typing import Any
from uuid import uuid4

from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_process_init
from kombu.transport.filesystem import Channel
from kombu.utils.json import dumps

workers = []  # what nobody holds is stopped by the garbage collector


def put_whole(self: Channel, queue: str, payload: dict[str, Any], **_: object) -> None:
    """Write a message under another name first: kombu 5.7.0 has workers read files that are still empty."""
    folder = Path(self.data_folder_out)
    part = folder / f"part-{uuid4()}"
    part.write_text(dumps(payload), encoding="utf-8")
    part.rename(folder / f"{time_ns()}_{uuid4()}.{queue}.msg")


Channel._put = put_whole  # noqa: SLF001


def enter(celery_app: Celery) -> None:
    """Change the settings, before a task copies some of them."""
    celery_app.conf.update(json.loads(os.environ["CONTRACT_CELERY"]))
    if "CONTRACT_LATE" in os.environ:
        worker_process_init.connect(hurry)


def hurry(**_: object) -> None:
    """Have the sweep look at orders after seconds instead of minutes and an hour."""
    tasks = importlib.import_module("shop.tasks")
    tasks.LATE = timedelta(seconds=float(os.environ["CONTRACT_LATE"]))
    tasks.UNDONE = timedelta(seconds=float(os.environ["CONTRACT_UNDONE"]))


def work(celery_app: Celery) -> None:
    """Start a worker thread, if this is the web server of the `worker` lane."""
    if os.environ.get("CONTRACT_THREAD"):
        workers.append(start_worker(celery_app, perform_ping_check=False))
        workers[-1].__enter__()  # it ends with the process
