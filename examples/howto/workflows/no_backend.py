"""A chord without a result backend: ``python no_backend.py``."""

from celery import Celery, chord

app = Celery("shop", broker="memory://")


@app.task
def add_up(months: list[int]) -> int:
    """Add up some months."""
    return sum(months)


chord([add_up.s([1])], add_up.s()).delay()
