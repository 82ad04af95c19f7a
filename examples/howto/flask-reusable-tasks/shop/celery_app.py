"""Celery inside a Flask application."""

from celery import Celery, Task
from flask import Flask


def celery_init_app(app: Flask) -> None:
    """Create the Celery app of a Flask app, and keep it in its extensions."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
