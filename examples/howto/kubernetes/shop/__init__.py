"""The smallest shop that the manifests fit: examples/flask has the same commands and variables."""

import time
from pathlib import Path

import click
from celery import Celery, shared_task
from flask import Flask


def create_app() -> Flask:
    """Build the application; its settings come from the environment."""
    app = Flask(__name__)
    app.config["CELERY"] = {
        "broker_url": "redis://127.0.0.1:6379/0",
        "task_acks_late": True,
        "task_ignore_result": True,
    }
    app.config.from_prefixed_env()
    celery_app = Celery("shop")
    celery_app.conf.update(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    app.add_url_rule("/", view_func=index)
    app.cli.add_command(init_db)
    return app


def index() -> str:
    """Answer, and ask nobody else."""
    return "The shop"


@click.command("init-db")
def init_db() -> None:
    """Create the tables; this shop has none."""
    click.echo("The tables are there.")


@shared_task
def make_report(paper: str) -> str:
    """Wait until there is a file."""
    while not Path(paper).exists():
        time.sleep(0.02)
    return "made"
