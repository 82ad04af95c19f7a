"""An app with a handler for every signal, which notes where it was called."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path
from typing import Any

from celery import Celery, Task, signals
from django.apps import apps
from flask import Flask, has_app_context, has_request_context

from survey.common import FOLDER, celery_settings

PROGRAM = os.environ.get("MEASURE_PROGRAM", "sender")
MAIN = os.getpid()  # a child of the pool is forked later
flask_app = Flask("measure")


class FlaskTask(Task):
    """Flask's own pattern: the body of a task runs in an application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Open the context."""
        with flask_app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery("measure", task_cls=FlaskTask)
celery_app.conf.update(
    celery_settings(),
    beat_schedule={"often": {"task": "ok", "schedule": 1.0}} if PROGRAM == "beat" else {},
)


def role() -> str:
    """Name the process, and its thread if it is not the first."""
    name = PROGRAM
    if PROGRAM == "worker":
        name = "child" if os.getpid() != MAIN else "main process"
    return name if threading.current_thread() is threading.main_thread() else f"{name}, a thread"


def note(name: str, /, **_: object) -> None:
    """Write down who has been called, and what there was."""
    there = [
        "a request" if has_request_context() else "an app context" if has_app_context() else "none",
        "ready" if apps.ready else "not ready",
    ]
    with (Path(os.environ[FOLDER]) / "signals").open("a") as file:
        file.write("\t".join([name, role(), *there]) + "\n")


HANDLERS: list[Any] = []  # Celery keeps only weak references
for name in signals.__all__:
    # A handler of `setup_logging` would keep Celery from setting it up.
    if name != "setup_logging" or os.environ.get("MEASURE_LOGGING"):
        HANDLERS.append(partial(note, name))
        getattr(signals, name).connect(HANDLERS[-1])
for name in ("on_configure", "on_after_configure", "on_after_finalize"):
    HANDLERS.append(partial(note, name))
    getattr(celery_app, name).connect(HANDLERS[-1])


@celery_app.task(name="ok")
def ok() -> None:
    """Note what a task has."""
    note("body")


@celery_app.task(name="fail")
def fail() -> None:
    """Fail."""
    raise ValueError


@celery_app.task(name="again", bind=True, max_retries=1)
def again(self: Task) -> None:
    """Try again once."""
    if not self.request.retries:
        raise self.retry(countdown=0)


@celery_app.task(name="killed")
def killed() -> None:
    """End the process in which this runs."""
    os._exit(1)
