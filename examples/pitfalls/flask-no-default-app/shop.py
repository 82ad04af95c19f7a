"""A Celery app that only the thread that created it finds."""

from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from celery.result import AsyncResult

celery_app = Celery("shop", backend="cache+memory://")


def state(task_id: str) -> str:
    """Return the state of a task, as a request does in a thread of the web server."""
    return AsyncResult(task_id).state


with ThreadPoolExecutor() as server:
    server.submit(state, "92275814-b856-4f88-80ff-cf40a8220fa2").result()
