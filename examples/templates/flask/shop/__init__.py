"""A small shop: the application factory."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from flask import Flask

from shop import errors, views
from shop.celery_app import celery_init_app
from shop.config import CELERY, refuse_missing_settings


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: ``shop/config.py``, the environment, then ``test_config``.

    Raises RuntimeError if a setting is missing that has no default.
    """
    app = Flask(__name__)
    # A copy: from_prefixed_env() writes into the dictionaries.
    app.config["CELERY"] = deepcopy(CELERY)
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    refuse_missing_settings(app.config["CELERY"])
    celery_init_app(app)
    app.register_blueprint(views.bp)
    errors.add_error_handlers(app)
    return app
