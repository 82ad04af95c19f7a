"""The two orders in which a view can commit and send, and what can happen between the two lines."""

from collections.abc import Callable

from shop import database
from shop.tasks import send_receipt


def send_first(between: Callable[[], None]) -> None:
    """Send the task, then commit."""
    with database.connection("web") as connection:
        order_id = database.insert(connection)
        send_receipt.delay(order_id)
        between()
        connection.commit()


def commit_first(between: Callable[[], None]) -> None:
    """Commit, then send the task."""
    with database.connection("web") as connection:
        order_id = database.insert(connection)
        connection.commit()
        between()
        send_receipt.delay(order_id)
