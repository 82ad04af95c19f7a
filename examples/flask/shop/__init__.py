"""A small shop: orders, receipts, reports and images."""

import os
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from celery.schedules import crontab
from flask import Flask, Response

from shop.celery_app import celery_init_app
from shop.commands import add_user, init_db
from shop.config import REQUIRED
from shop.errors import add_error_handlers
from shop.extensions import db, mailer
from shop.views import cancel, events, images, orders, reports, status, users

CELERY: dict[str, Any] = {
    "broker_url": "redis://127.0.0.1:6379/0",
    # RabbitMQ: .delay() returns when the broker has the message, or fails. Redis ignores these.
    "broker_transport_options": {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5},
    "result_backend": "redis://127.0.0.1:6379/0",
    # The broker keeps a message until its task has ended: every task may run twice.
    "task_acks_late": True,
    # A task whose process was killed is tried again, max_retries times at most.
    "task_retry_on_worker_lost": True,
    "task_time_limit": 300,
    "task_ignore_result": True,
    "beat_schedule": {
        "announce-late-orders": {
            "task": "shop.tasks.announce_late_orders",
            "schedule": crontab(minute="*/5"),
        },
        "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
    },
}


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: a configuration class, the environment, then ``test_config``.

    Raises RuntimeError for a required setting that is empty, for a setting that Celery does not
    list, or that a variable overrides, and for TLS that would check no certificate.
    """
    app = Flask(__name__)
    app.config.from_object(f"shop.config.{os.environ.get('SHOP_CONFIG', 'Development')}")
    # A copy: from_prefixed_env() writes into it, and into the dictionaries that it holds.
    app.config["CELERY"] = deepcopy({**CELERY, **app.config.get("CELERY", {})})
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    refuse_missing_settings(app.config)

    db.init_app(app)
    mailer.init_app(app)
    celery_init_app(app)
    for views in (cancel, events, images, orders, reports, status, users):
        app.register_blueprint(views.bp)
    app.cli.add_command(init_db)
    app.cli.add_command(add_user)
    add_error_handlers(app)
    app.after_request(add_security_headers)
    return app


def refuse_missing_settings(config: Mapping[str, Any]) -> None:
    """Raise RuntimeError for required settings that are missing or empty."""
    settings = {**config, **{f"CELERY__{name}": value for name, value in config["CELERY"].items()}}
    missing = [f"FLASK_{name}" for name in REQUIRED if not settings.get(name)]
    if missing:
        message = f"Set {', '.join(missing)}"
        raise RuntimeError(message)


def add_security_headers(response: Response) -> Response:
    """Let pages load scripts and styles from this server only, none of them inline."""
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
