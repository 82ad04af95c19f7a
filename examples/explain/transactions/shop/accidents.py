"""What happens between two lines of a view."""

import os
import signal
import time

from shop import log

PATIENCE = 30  # seconds, on a busy machine
ANSWERS = {"found", "not found"}


def nothing() -> None:
    """Let the next line follow."""


def worker_is_faster() -> None:
    """Wait until the worker has looked for the order.

    Raises:
        TimeoutError: if it does not in time.

    """
    deadline = time.monotonic() + PATIENCE
    while not any(line["event"] in ANSWERS for line in log.events()):
        if time.monotonic() > deadline:
            raise TimeoutError("the worker has not looked for the order")
        time.sleep(0.005)


def view_fails() -> None:
    """Raise, as the next line of a view can."""
    raise RuntimeError("the payment was refused")


def process_is_killed() -> None:
    """End at once, as a process that the kernel or a deployment kills."""
    os.kill(os.getpid(), signal.SIGKILL)
