"""A shop that one process can build twice: for customers, and for trying things out."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from shop import views
from shop.celery_app import celery_init_app

SENDERS = {"development": "test@example.com", "production": "shop@example.com"}


def create_app(stage: str, celery: Mapping[str, Any] | None = None) -> Flask:
    """Build the shop for a stage, with settings of Celery that win over the others.

    Raises KeyError if there is no such stage.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SENDER=SENDERS[stage],
        CELERY={
            "broker_url": "redis://127.0.0.1:6379/0",
            "result_backend": "redis://127.0.0.1:6379/0",
            # Both use one broker: the worker of a stage takes from its own queue only.
            "task_default_queue": stage,
        },
    )
    app.config.from_prefixed_env()
    app.config["CELERY"].update(celery or {})
    celery_init_app(app)
    app.register_blueprint(views.bp)
    return app
