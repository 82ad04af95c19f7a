"""Celery for a process with several Flask apps."""

from celery import Celery, Task
from flask import Flask, current_app


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


def own(task: Task) -> Task:
    """Return the copy of a shared task that belongs to the current Flask app.

    Raises RuntimeError outside of an application context.
    """
    return current_app.extensions["celery"].tasks[task.name]
