"""A small shop: customers, letters and charges."""

from collections.abc import Mapping
from typing import Any

from celery.signals import task_postrun
from flask import Flask

from shop.celery_app import celery_init_app
from shop.models import db
from shop.signals import record_run
from shop.views import bp


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: defaults, then the environment, then ``test_config``."""
    app = Flask(__name__)
    app.config.from_mapping(
        CELERY={
            "broker_url": "redis://127.0.0.1:6379/0",
            "result_backend": "redis://127.0.0.1:6379/1",
        },
        CURRENCY="EUR",
        SQLALCHEMY_DATABASE_URI="sqlite:///shop.db",
        TRUSTED_HOSTS=["127.0.0.1", "localhost"],
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    db.init_app(app)
    celery_init_app(app)
    app.register_blueprint(bp)
    app.cli.command("init-db")(db.create_all)
    task_postrun.connect(record_run)
    return app
