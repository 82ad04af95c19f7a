"""Tasks that take FastAPI's dependencies for their own. They fail, or worse."""

from collections.abc import Iterator
from contextlib import contextmanager

from shop.celery_app import celery_app
from shop.database import new_session
from shop.dependencies import SessionDep
from shop.models import Order
from sqlalchemy.orm import Session


@celery_app.task
def ask_for_it(order_id: int, session: SessionDep) -> None:
    """Ask as an endpoint does."""


def get_transaction() -> Iterator[Session]:
    """Give a request its session, and commit at the end."""
    with new_session() as session:
        yield session
        session.commit()


@celery_app.task
def write_with_next(order_id: int) -> str:
    """Write over the session of a dependency that nobody finishes."""
    session = next(get_transaction())
    order = session.get_one(Order, order_id)
    order.euro_cents = 900
    return "written"


@celery_app.task
def write_with_context(order_id: int) -> str:
    """Finish the dependency."""
    with contextmanager(get_transaction)() as session:
        order = session.get_one(Order, order_id)
        order.euro_cents = 900
    return "written"
