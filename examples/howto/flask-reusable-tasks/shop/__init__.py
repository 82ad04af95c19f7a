"""A shop that takes in tasks of installed packages."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from shop.celery_app import celery_init_app
from shop.task_packages import load_tasks


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the shop: defaults, then the environment, then ``test_config``.

    Raises RuntimeError if no installed package has the tasks that are wanted.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        LETTERS_SENDER="shop@example.com",
        TASK_PACKAGES=["letters"],
        CELERY={
            "broker_url": "redis://127.0.0.1:6379/0",
            "result_backend": "redis://127.0.0.1:6379/0",
        },
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    celery_init_app(app)
    load_tasks(app.config["TASK_PACKAGES"])
    return app
