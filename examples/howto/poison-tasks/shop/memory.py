"""Two ways to paint a label."""

from shop import labels
from shop.celery_app import celery_app


@celery_app.task
def paint(order_id: int) -> str:
    """Paint a label. A MemoryError ends the whole worker."""
    return labels.paint(order_id)


@celery_app.task
def paint_safely(order_id: int) -> str:
    """Paint a label. Raises TooLargeError if there is not enough memory."""
    try:
        return labels.paint(order_id)
    except MemoryError as error:
        raise labels.TooLargeError(order_id) from error
