"""A task without the task class that opens the application context."""

from celery import Celery
from flask import Flask, current_app

app = Flask(__name__)
celery_app = Celery(app.name)


@celery_app.task
def sender() -> str:
    """Return the shop's address."""
    return current_app.config["SENDER"]


sender.apply().get()
