"""A task that looks around."""

import asyncio
import os
import threading
import time
from typing import Any

from shop import things
from shop.celery_app import FOLDER, celery_app

PATIENCE = 30  # seconds, on a busy machine


def has_loop() -> bool:
    """Say whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def wait_for_others(folder: str, tasks: int) -> None:
    """Wait until so many tasks have begun.

    Raises:
        TimeoutError: if they have not in time.

    """
    begun = FOLDER / folder
    begun.mkdir(exist_ok=True)
    (begun / f"{os.getpid()}-{threading.get_ident()}").touch()
    deadline = time.monotonic() + PATIENCE
    while len(list(begun.iterdir())) < tasks:
        if time.monotonic() > deadline:
            raise TimeoutError(f"fewer than {tasks} tasks at the same time")
        time.sleep(0.01)


@celery_app.task
def look(tasks: int, number: int) -> dict[str, Any]:
    """Say where this runs and what it sees, together with other tasks."""
    things.basket.append(number)
    things.local.number = getattr(things.local, "number", number)
    things.client()  # two threads that ask at the same time can both make one; the last one stays
    letter = os.read(things.open_file.fileno(), 1).decode()
    wait_for_others("begun", tasks)
    return {
        "pid": os.getpid(),
        "thread": threading.get_ident(),
        "main thread": threading.current_thread() is threading.main_thread(),
        "imported by": things.imported_by,
        "basket": sorted(things.basket),
        "local": things.local.number,
        "client": things.client(),
        "letter": letter,
        "thread lives": things.thread.is_alive(),
        "loop": has_loop(),
    }
