"""An order whose customer gets a receipt."""

import os

from celery import Celery, Task
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
db = SQLAlchemy(app, model_class=Base)


class Order(db.Model):
    """What a customer bought."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


class FlaskTask(Task):
    """Run each task inside the application context."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task."""
        with app.app_context():
            return self.run(*args, **kwargs)


celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    task_cls=FlaskTask,
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt to {db.session.get_one(Order, order_id).email}"


@app.post("/orders")
def create_order() -> tuple[dict[str, int], int]:
    """Save an order, and have its receipt sent."""
    order = Order(email=request.form["email"])
    db.session.add(order)
    db.session.flush()
    send_receipt.delay(order.id)
    db.session.commit()
    return {"order": order.id}, 201
