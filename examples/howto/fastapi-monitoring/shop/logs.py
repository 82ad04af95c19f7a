"""One line of JSON for each event, from the web server and the worker alike."""

import json
import logging
from logging.config import dictConfig

from celery import current_task

from shop.tracing import request_id


class AddIds(logging.Filter):
    """Add to each record whose work it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids, and keep the record."""
        record.request_id = request_id.get()
        record.task_id = current_task.request.id if current_task else "-"
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one line, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": record.request_id,
            "task_id": record.task_id,
            "message": record.getMessage(),
        }
        if hasattr(record, "waited"):
            line["waited"] = record.waited
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": AddIds}},
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["ids"],
            "formatter": "json",
        }
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
    # uvicorn has handlers of its own, until it finds this.
    "loggers": {
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": True},
    },
}


def configure(**_: object) -> None:
    """Write all logs this way, and keep Celery from setting up its own."""
    dictConfig(LOGGING)
