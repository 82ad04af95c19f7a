"""How Celery learns its settings from Flask."""

from celery import Celery, Task
from flask import Flask


def celery_init_app(app: Flask) -> None:
    """Create the Celery app that belongs to a Flask app.

    Raises KeyError if the Flask app has no setting CELERY.
    """

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
