"""A task is sent by a name that the worker does not know."""

from celery import Celery
from celery.contrib.testing.worker import start_worker

app = Celery("shop", broker="memory://", backend="cache+memory://")

with start_worker(app, perform_ping_check=False):
    result = app.send_task("shop.send_reciept")
    result.get(timeout=5)
