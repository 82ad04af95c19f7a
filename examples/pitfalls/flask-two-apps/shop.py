"""Two Flask apps in one process: a task of the first runs in the context of the second."""

from celery import Celery, Task, shared_task
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

db = SQLAlchemy()


def celery_init_app(app: Flask) -> None:
    """Create the Celery app of a Flask app."""

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    Celery(app.name, task_cls=FlaskTask).set_default()


@shared_task
def count_orders() -> int:
    """Ask the database of the shop."""
    return db.session.scalar(text("SELECT 1"))


shop = Flask("shop")
shop.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db.init_app(shop)
celery_init_app(shop)

admin = Flask("admin")
celery_init_app(admin)

with shop.app_context():
    count_orders.apply().get()
