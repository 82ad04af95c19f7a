"""The tasks."""

from datetime import timedelta

from celery.utils.log import get_task_logger
from sqlalchemy import select, update

from shop.celery_app import celery_app
from shop.config import get_settings
from shop.database import Order, new_session, now

logger = get_task_logger(__name__)


def mail(email: str, text: str) -> None:
    """Stand for your mail server."""
    logger.info("to %s: %s", email, text)


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order, once, however often the message comes."""
    with new_session.begin() as session:
        # A second message waits here for the first; SQLite does not know that.
        order = session.get_one(Order, order_id, with_for_update=True)
        if not order.receipt_sent:
            mail(order.email, f"This is the receipt of order {order.id}.")
            order.receipt_sent = True


def announce(order_id: int) -> None:
    """Send what follows an order, and note that the broker has it.

    Raises OperationalError if the broker does not answer.
    """
    send_receipt.delay(order_id)
    with new_session.begin() as session:
        this = update(Order).where(Order.id == order_id)
        session.execute(this.values(announced=True))


@celery_app.task
def announce_late_orders() -> int:
    """Announce the orders that the broker has missed, and return their number."""
    # A request that places an order has ended by then.
    before = now() - timedelta(seconds=get_settings().late_seconds)
    late = select(Order.id).where(~Order.announced, Order.placed_at < before)
    with new_session() as session:
        ids = session.scalars(late).all()
    for order_id in ids:
        announce(order_id)
    return len(ids)


@celery_app.task(ignore_result=False)
def make_report(year: int) -> str:
    """Add up a year."""
    return f"report of {year}"
