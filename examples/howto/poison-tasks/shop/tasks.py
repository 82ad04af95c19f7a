"""Three ways to draw a label."""

from shop import labels
from shop.celery_app import celery_app


@celery_app.task
def draw_once(order_id: int) -> str:
    """Draw a label. If the process is killed, that is the end."""
    return labels.draw(order_id)


@celery_app.task(acks_late=True, reject_on_worker_lost=True)
def draw_for_ever(order_id: int) -> str:
    """Draw a label. If the process is killed, begin again, without end."""
    return labels.draw(order_id)


@celery_app.task(retry_on_worker_lost=True, max_retries=2, default_retry_delay=1)
def draw(order_id: int) -> str:
    """Draw a label. If the process is killed, try twice more."""
    return labels.draw(order_id)
