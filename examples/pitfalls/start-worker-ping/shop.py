"""A worker thread for tests asks for a task that the app does not have."""

from celery import Celery
from celery.contrib.testing.worker import start_worker

app = Celery("shop", broker="memory://")

with start_worker(app):
    app.control.ping()
