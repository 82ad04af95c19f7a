"""Celery inside a Flask application."""

from celery import Celery, Task
from flask import Flask


class FlaskTask(Task):
    """A task whose body runs inside the context of its Flask application."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the body."""
        with self.app.flask_app.app_context():
            return self.run(*args, **kwargs)


class RequestTask(Task):
    """A task whose body runs inside a made-up request."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the body."""
        with self.app.flask_app.test_request_context():
            return self.run(*args, **kwargs)


def celery_init_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``."""
    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.flask_app = app
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app
