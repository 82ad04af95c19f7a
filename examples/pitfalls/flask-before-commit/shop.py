"""A task is sent before the commit, and the worker does not find the row."""

from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


class Order(db.Model):
    """What a customer bought."""

    id: Mapped[int] = mapped_column(primary_key=True)


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db.init_app(app)
celery_app = Celery("shop", task_cls=FlaskTask, broker="memory://", backend="cache+memory://")


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""
    db.session.get_one(Order, order_id)


celery_app.conf.broker_transport_options = {"polling_interval": 0.01}

with start_worker(celery_app, perform_ping_check=False) as worker, app.app_context():
    db.create_all()
    order = Order()
    db.session.add(order)
    db.session.flush()
    result = send_receipt.delay(order.id)
    try:
        result.get(timeout=5, interval=0.01)
        # The commit comes here, too late for the worker.
    finally:
        celery_app.control.shutdown(destination=[worker.hostname])
