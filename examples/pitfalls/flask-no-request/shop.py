"""A task asks for the request, and a worker has none."""

from celery import Celery, Task
from flask import Flask, request

app = Flask(__name__)


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery(app.name, task_cls=FlaskTask)


@celery_app.task
def customer() -> str:
    """Return the customer's address."""
    return request.form["email"]


customer.apply().get()
