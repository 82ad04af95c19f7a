"""The Celery app. Its messages and results are files in ``SHOP_FOLDER``, and so are the notes of the signals."""

import os
from pathlib import Path

from celery import Celery, signals

FOLDER = Path(os.environ.get("SHOP_FOLDER", "var"))

celery_app = Celery("shop", broker="filesystem://", include=["shop.tasks"])
celery_app.conf.update(
    broker_transport_options={
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "control_folder": str(FOLDER / "control"),
        "polling_interval": 0.02,
    },
    result_backend=f"file://{FOLDER / 'results'}",
)


def note(name: str) -> None:
    """Note in which process a signal calls its handler."""
    with (FOLDER / "signals").open("a", encoding="utf-8") as file:
        file.write(f"{name} {os.getpid()}\n")


@signals.worker_init.connect
def note_worker(**_: object) -> None:
    """Note the start of a worker."""
    note("worker_init")


@signals.worker_process_init.connect
def note_process(**_: object) -> None:
    """Note the start of a process of the pool."""
    note("worker_process_init")


@signals.task_received.connect
def note_received(**_: object) -> None:
    """Note that a message was read."""
    note("task_received")


@signals.task_prerun.connect
def note_start(**_: object) -> None:
    """Note that a task begins."""
    note("task_prerun")
