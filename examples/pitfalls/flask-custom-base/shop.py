"""A base class of its own takes the application context away from a task."""

from celery import Celery, Task
from flask import Flask, current_app

app = Flask(__name__)


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery(app.name, task_cls=FlaskTask)


class PatientTask(Task):
    """A task that tries again after a lost connection."""

    autoretry_for = (ConnectionError,)


@celery_app.task(base=PatientTask)
def sender() -> str:
    """Return the shop's address."""
    return current_app.config["SENDER"]


sender.apply().get()
