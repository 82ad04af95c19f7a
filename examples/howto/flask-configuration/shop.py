"""A shop in one file; what differs between environments comes from variables."""

from collections.abc import Mapping
from typing import Any

import click
from celery import Celery, Task, shared_task
from flask import Flask, current_app
from flask.cli import with_appcontext


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: defaults, then the environment, then ``test_config``.

    Raises RuntimeError if a setting is missing that has no default.
    """
    app = Flask(__name__)
    app.config.from_mapping(SENDER="shop@example.com", CELERY={"task_ignore_result": True})
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    refuse_missing_settings(app.config)
    celery_init_app(app)
    app.cli.add_command(celery_report)
    return app


def refuse_missing_settings(config: Mapping[str, Any]) -> None:
    """Raise RuntimeError with the names of the variables that are not set."""
    needed = {
        "FLASK_SECRET_KEY": config["SECRET_KEY"],
        "FLASK_CELERY__broker_url": config["CELERY"].get("broker_url"),
        "FLASK_CELERY__result_backend": config["CELERY"].get("result_backend"),
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        message = f"Set these variables: {', '.join(missing)}"
        raise RuntimeError(message)


def celery_init_app(app: Flask) -> Celery:
    """Create the Celery app that belongs to a Flask app."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app


@click.command
@with_appcontext
def celery_report() -> None:
    """Print what ``celery report`` prints, in the environment of the flask command."""
    click.echo(current_app.extensions["celery"].bugreport())


@shared_task(ignore_result=False)
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent from {current_app.config['SENDER']} to {email}"
