"""What the worker does."""

from shop import database, log
from shop.celery_app import celery_app


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt, if the order is there."""
    with database.connection("worker") as connection:
        found = database.exists(connection, order_id)
    log.note("worker", "found" if found else "not found")
