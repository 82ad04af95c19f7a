"""Progress that costs little."""

import time

from celery import Task


class Progress:
    """Stores how far a task is, at most once in ``interval`` seconds, and at the end."""

    def __init__(self, task: Task, total: int, interval: float = 0.5) -> None:
        """Begin; the first step is stored."""
        self.task = task
        self.total = total
        self.interval = interval
        self.next = 0.0

    def __call__(self, done: int) -> None:
        """Store it, if it is time to."""
        now = time.monotonic()
        if now >= self.next or done == self.total:
            self.next = now + self.interval
            meta = {"done": done, "total": self.total}
            self.task.update_state(state="PROGRESS", meta=meta)
