"""The Celery app, for the ``celery`` command and for whoever sends a task."""

import os
from collections.abc import Iterable
from typing import Any

from celery import Celery
from celery.app.defaults import NAMESPACES, flatten

from shop.config import Settings, get_settings

# The settings that Celery lists, by name.
KNOWN = frozenset(name for name, _ in flatten(NAMESPACES))
# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def celery_config(settings: Settings) -> dict[str, Any]:
    """Return the configuration of Celery, under Celery's own names."""
    return {
        "broker_url": settings.broker_url.get_secret_value(),
        "broker_transport_options": settings.broker_transport_options,
        "result_backend": settings.result_backend.get_secret_value(),
        "result_expires": settings.result_expires,
        "task_ignore_result": True,
    }


def refuse_ignored_settings(names: Iterable[str]) -> None:
    """Raise RuntimeError for names that Celery does not list, or that are overridden."""
    if unlisted := sorted(set(names) - KNOWN):
        message = f"Not in Celery's list of settings: {', '.join(unlisted)}"
        raise RuntimeError(message)
    if overriding := [name for name in OVERRIDING_VARIABLES if os.environ.get(name)]:
        message = f"Unset these, they override the settings: {', '.join(overriding)}"
        raise RuntimeError(message)


config = celery_config(get_settings())
refuse_ignored_settings(config)
celery_app = Celery("shop", include=["shop.tasks"])
celery_app.config_from_object(config)
# Endpoints run in threads; without this line they would find another app there.
celery_app.set_default()
