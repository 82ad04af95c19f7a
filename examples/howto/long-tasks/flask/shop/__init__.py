"""A shop with much to do."""

from collections.abc import Mapping
from typing import Any

from celery import Celery, Task
from flask import Flask

from shop import commands
from shop.models import db

CELERY: dict[str, Any] = {
    "broker_url": "redis://127.0.0.1:6379/0",
    "result_backend": "redis://127.0.0.1:6379/1",
}


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: defaults, then the environment, then ``test_config``."""
    app = Flask(__name__)
    app.config.from_mapping(CELERY=dict(CELERY), SQLALCHEMY_DATABASE_URI="sqlite:///shop.db")
    app.config.from_prefixed_env()
    app.config.from_mapping(test_config)
    db.init_app(app)
    celery_init_app(app)
    app.register_blueprint(commands.bp)
    return app


def celery_init_app(app: Flask) -> Celery:
    """Create the Celery app that belongs to a Flask app."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask, include=["shop.tasks", "shop.packing"])
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app
