"""A small shop whose tasks are a package: the application factory."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from shop.celery_app import celery_init_app
from shop.views import bp


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Create the shop; the settings of a test win over all others."""
    app = Flask(__name__)
    app.config.from_mapping(
        CELERY={
            "broker_url": "redis://127.0.0.1:6379/0",
            "result_backend": "redis://127.0.0.1:6379/1",
        },
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    celery_init_app(app)
    app.register_blueprint(bp)
    return app
