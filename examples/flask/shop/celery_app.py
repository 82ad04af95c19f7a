"""Celery inside a Flask application."""

import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

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

# The settings that may hold a URL of Redis, and the values of ssl_cert_reqs that check.
URLS = ("broker_url", "broker_read_url", "broker_write_url", "result_backend")
CHECKING = ("required", "optional", "CERT_REQUIRED", "CERT_OPTIONAL")


def celery_init_app(app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``app.config["CELERY"]``.

    Raises RuntimeError for a setting that Celery does not list, or that a variable overrides, and
    for TLS that would check no certificate.
    """
    refuse_ignored_settings(app.config["CELERY"])
    refuse_unchecked_tls(app.config["CELERY"])

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


def refuse_unchecked_tls(settings: Mapping[str, Any]) -> None:
    """Raise RuntimeError for a ``rediss://`` URL with which no certificate would be checked."""
    for name in URLS:
        urls = settings.get(name) or ""
        for url in urls.split(";") if isinstance(urls, str) else urls:
            parts = urlsplit(url)
            asked_for = parse_qs(parts.query).get("ssl_cert_reqs", [""])[-1]
            if parts.scheme == "rediss" and asked_for not in CHECKING:
                message = f"Write ?ssl_cert_reqs=required behind the rediss:// URL in {name}"
                raise RuntimeError(message)
