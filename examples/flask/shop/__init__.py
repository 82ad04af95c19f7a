"""A small shop: orders, receipts and reports."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException

from shop.celery_app import celery_init_app
from shop.commands import add_user, init_db
from shop.extensions import db
from shop.views import orders, reports, status, users

CELERY: dict[str, Any] = {
    "broker_url": "redis://127.0.0.1:6379/0",
    "result_backend": "redis://127.0.0.1:6379/0",
    "task_ignore_result": True,
}


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: defaults, then the environment, then ``test_config``.

    Raises RuntimeError for a setting that Celery does not list, or that a variable overrides.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        # A copy: from_prefixed_env() writes into this dictionary.
        CELERY=dict(CELERY),
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=1025,
        SQLALCHEMY_DATABASE_URI="sqlite:///shop.db",
    )
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)

    db.init_app(app)
    celery_init_app(app)
    for views in (orders, reports, status, users):
        app.register_blueprint(views.bp)
    app.cli.add_command(init_db)
    app.cli.add_command(add_user)
    app.register_error_handler(HTTPException, json_error)
    app.after_request(add_content_security_policy)
    return app


def json_error(error: HTTPException) -> Response:
    """Answer errors in JSON, with the headers that belong to them, such as Allow."""
    response = error.get_response()
    response.data = f"{json.dumps({'error': error.description})}\n"
    response.content_type = "application/json"
    return response


def add_content_security_policy(response: Response) -> Response:
    """Let pages load scripts and styles from this server only, none of them inline."""
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    return response
