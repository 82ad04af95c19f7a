"""The same without Flask-CeleryExt."""

from celery import Celery, Task
from flask import Flask


class AppContextTask(Task):
    """A task whose body runs inside an application context of its own."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the body."""
        with self.app.flask_app.app_context():
            return self.run(*args, **kwargs)


class RequestContextTask(Task):
    """A task whose body runs inside a made-up request, after ``before_request``."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the body; raises RuntimeError if a before_request function answers."""
        app = self.app.flask_app
        with app.test_request_context():
            answer = app.preprocess_request()
            if answer is not None:
                message = f"a before_request function answered: {answer!r}"
                raise RuntimeError(message)
            return self.run(*args, **kwargs)


def create_celery_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``."""
    celery_app = Celery(app.name, task_cls=AppContextTask)
    celery_app.flask_app = app
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app
