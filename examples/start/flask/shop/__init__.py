"""A small shop: the application factory."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from shop.celery_app import celery_init_app
from shop.views import bp


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Create the shop; the settings of a test win over all others."""
    app = Flask(__name__)
    app.config.from_mapping(
        MAIL_SECONDS=2,
        CELERY={
            "broker_url": "filesystem://",
            "broker_transport_options": {
                "data_folder_in": "queue",
                "data_folder_out": "queue",
                "polling_interval": 0.1,
            },
            "result_backend": "file://results",
        },
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    celery_init_app(app)
    app.register_blueprint(bp)
    return app
