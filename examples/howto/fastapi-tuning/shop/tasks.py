"""Tasks of several sizes."""

from shop.celery_app import celery_app


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order.

    Raises ValueError for an order that cannot be.
    """
    if order_id < 0:
        message = f"no such order: {order_id}"
        raise ValueError(message)
    return f"sent receipt {order_id}"


@celery_app.task
def send_receipts(order_ids: list[int]) -> None:
    """Send many receipts; one that fails becomes a task of its own."""
    for order_id in order_ids:
        try:
            send_receipt(order_id)
        except ValueError:
            send_receipt.delay(order_id)


@celery_app.task(acks_late=True, time_limit=1800)
def make_film(film_id: int) -> str:
    """Cut a film, which takes minutes. It may run twice, and must not mind."""
    return f"cut film {film_id}"


@celery_app.task(compression="gzip")
def index_text(text: str) -> int:
    """Count the words of a long text."""
    return len(text.split())
