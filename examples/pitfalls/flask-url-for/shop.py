"""A task builds a URL, and knows no host."""

from celery import Celery, Task
from flask import Flask, url_for

app = Flask(__name__)


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery(app.name, task_cls=FlaskTask)


@app.get("/account")
def account() -> str:
    """Stand for a page."""
    return "Your account"


@celery_app.task
def remind() -> str:
    """Return a link to the account."""
    return url_for("account", _external=True)


remind.apply().get()
