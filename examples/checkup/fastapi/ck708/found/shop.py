"""An order whose customer gets a receipt."""

import os
from collections.abc import Iterator
from typing import Annotated

from celery import Celery
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))


class Base(DeclarativeBase):
    """Knows all tables."""


class Order(Base):
    """What a customer has ordered."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


def get_session() -> Iterator[Session]:
    """Give a session for the time of a request."""
    with Session(engine) as session:
        yield session


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    with Session(engine) as session:
        return f"receipt to {session.get_one(Order, order_id).email}"


@app.post("/orders/{email}")
def create_order(email: str, session: Annotated[Session, Depends(get_session)]) -> dict[str, str]:
    """Save an order, and have its receipt sent."""
    order = Order(email=email)
    session.add(order)
    session.flush()
    send_receipt.delay(order.id)
    session.commit()
    return {"email": email}
