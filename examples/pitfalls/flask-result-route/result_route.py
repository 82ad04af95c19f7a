"""A result route that puts the task's outcome into JSON as it is."""

from celery import shared_task
from celery.result import AsyncResult
from flask import Flask


@shared_task(ignore_result=False)
def divide(a: int, b: int) -> float:
    """Return a divided by b.

    Raises ZeroDivisionError if b is 0.
    """
    return a / b


@shared_task(ignore_result=True)
def forget() -> int:
    """Return a number that nobody keeps."""
    return 7


def add_result_route(app: Flask) -> None:
    """Give a Flask application the route."""

    @app.get("/result/<task_id>")
    def result(task_id: str) -> dict[str, object]:
        outcome = AsyncResult(task_id)
        value = outcome.result if outcome.ready() else None
        return {"ready": outcome.ready(), "value": value}
