"""Celery inside a Flask application."""

import os
from collections.abc import Iterable

from celery import Celery, Task
from celery.app.defaults import NAMESPACES, flatten
from flask import Flask

# The settings that Celery lists, by name.
SETTINGS = frozenset(name for name, _ in flatten(NAMESPACES))

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def celery_init_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``.

    Raises RuntimeError for a setting that Celery does not list, or that a variable overrides.
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
    """Raise RuntimeError for names that Celery does not list, and for overriding variables."""
    unlisted = sorted(set(names) - SETTINGS)
    if unlisted:
        message = f"Not in Celery's list of settings, all lower case: {', '.join(unlisted)}"
        raise RuntimeError(message)
    overriding = [name for name in OVERRIDING_VARIABLES if os.environ.get(name)]
    if overriding:
        message = (
            f"Unset these, they override the settings: {', '.join(overriding)}"
            " (BROKER_URL, -b, RESULT_BACKEND and --result-backend set them, too)"
        )
        raise RuntimeError(message)
