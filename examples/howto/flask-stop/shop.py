"""A shop whose task takes a while, to stop a worker in the middle of it."""

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
def print_catalog(pages: int) -> str:
    """Print a page every tenth of a second."""
    for _ in range(pages):
        sleep(0.1)
    return f"{pages} pages"
