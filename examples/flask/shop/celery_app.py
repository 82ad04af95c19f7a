"""Celery inside a Flask application."""

import os
from collections.abc import Iterable

from celery import Celery, Task
from flask import Flask

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def celery_init_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``.

    Raises RuntimeError for a setting that would be ignored or overridden.
    """
    refuse_ignored_settings(app.config["CELERY"])

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


def refuse_ignored_settings(names: Iterable[str]) -> None:
    """Raise RuntimeError for settings that Celery would not use, and not mention either."""
    upper = [name for name in names if name != name.lower()]
    if upper:
        message = f"Celery's settings are lower case, these would be ignored: {', '.join(upper)}"
        raise RuntimeError(message)
    overriding = [name for name in OVERRIDING_VARIABLES if os.environ.get(name)]
    if overriding:
        message = f"Unset these, they override the settings: {', '.join(overriding)}"
        raise RuntimeError(message)
