"""A receipt that needs the settings of Flask."""

import os

from celery import Celery, Task
from flask import Flask, current_app

app = Flask(__name__)
app.config["SENDER"] = os.environ.get("SENDER", "shop@example.com")


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    task_cls=FlaskTask,
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"from {current_app.config['SENDER']} to {email}"
