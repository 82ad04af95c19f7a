"""A shop whose task takes as long as you like, to stop a worker in the middle of it."""

from pathlib import Path
from time import sleep

from celery import Celery, Task, shared_task
from flask import Flask

app = Flask("shop")
app.config["CELERY"] = {"broker_url": "redis://127.0.0.1:6379/0", "task_ignore_result": True}
app.config.from_prefixed_env()


def celery_init_app(flask_app: Flask) -> Celery:
    """Build the Celery app of a Flask application from ``flask_app.config["CELERY"]``."""

    class FlaskTask(Task):
        """A task that runs inside the application context."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            with flask_app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(flask_app.name, task_cls=FlaskTask)
    celery_app.config_from_object(flask_app.config["CELERY"])
    celery_app.set_default()
    return celery_app


celery_app = celery_init_app(app)


@shared_task
def print_catalog() -> str:
    """Wait until there is a file called paper, and use it up."""
    paper = Path("paper")
    while not paper.exists():
        sleep(0.1)
    paper.unlink()
    return "printed"
