"""The Celery app. Its messages are files in ``SHOP_QUEUE``; the log has each one that is sent."""

import os
from pathlib import Path

from celery import Celery, signals

from shop import log

QUEUE = Path(os.environ.get("SHOP_QUEUE", "queue"))
SENT = QUEUE / "sent"

celery_app = Celery("shop", broker="filesystem://", include=["shop.tasks"])
celery_app.conf.update(
    broker_transport_options={
        "data_folder_in": str(QUEUE),
        "data_folder_out": str(SENT),
        "control_folder": str(QUEUE / "control"),
        "polling_interval": 0.02,
    },
    task_ignore_result=True,
)


@signals.before_task_publish.connect
def note_message(**_: object) -> None:
    """Note that a message is sent."""
    log.note("web", "message")


@signals.after_task_publish.connect
def deliver(**_: object) -> None:
    """Show the worker messages that are whole: this transport makes a file before it writes it."""
    for message in SENT.glob("*.msg"):
        message.rename(QUEUE / message.name)


@signals.task_prerun.connect
def note_start(**_: object) -> None:
    """Note that the task begins."""
    log.note("worker", "begins")
