"""Celery inside a Flask application."""

from celery import Celery, Task
from flask import Flask


def celery_init_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``."""

    class FlaskTask(Task):
        """A task whose body runs inside the application context."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    # Threads of the web server find this app through the default.
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app
