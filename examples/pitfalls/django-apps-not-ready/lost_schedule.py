"""The Celery app with a periodic task that beat never hears of."""

from celery import Celery
from config import celery_app


@celery_app.on_after_configure.connect
def set_up_schedule(sender: Celery, **_: object) -> None:
    """Fail without a word when Django is not ready."""
    from shop.tasks import delete_orders

    sender.add_periodic_task(3600, delete_orders.s())
