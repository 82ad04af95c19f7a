"""One line of JSON for each event, from the web server and the worker alike."""

import logging
from logging.config import dictConfig
from typing import Any

from celery import current_task
from celery.signals import setup_logging
from pythonjsonlogger.core import RESERVED_ATTRS

from shop.ids import request_id


class AddIds(logging.Filter):
    """Add to each record whose work it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids, and keep the record."""
        record.request_id = request_id.get()
        data = getattr(record, "data", None)
        if current_task:
            record.task_id, record.task_name = current_task.request.id, current_task.name
        elif isinstance(data, dict):  # as in Celery's line `Task … received`
            record.task_id, record.task_name = data.get("id"), data.get("name")
        return True


# Celery's `data` has the arguments of the task, Django's `request` the query of the URL.
NOT_LOGGED = ("data", "request", "color_message")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": AddIds}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": ["levelname", "request_id", "message", "task_name", "task_id", "name"],
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": "time",
            "reserved_attrs": [*RESERVED_ATTRS, *NOT_LOGGED],
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["ids"],
            "formatter": "json",
        }
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        # The pool logs here that a process was killed.
        "multiprocessing": {"level": "ERROR", "handlers": ["stderr"]},
        # It has handlers of its own, until it finds this.
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": True},
    },
}


@setup_logging.connect
def configure(loglevel: int = logging.INFO, **_: object) -> None:
    """Set up the logs; in the worker and beat, instead of Celery."""
    dictConfig(LOGGING)
    logging.getLogger().setLevel(loglevel)
