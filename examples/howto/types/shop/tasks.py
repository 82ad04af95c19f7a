"""The tasks, with types."""

from typing import Any

from celery import Task, shared_task

from shop.celery_app import celery_app


@shared_task
def send_receipt(order_id: int) -> str:
    """Send a receipt."""
    return f"receipt of order {order_id}"


@shared_task(bind=True, max_retries=3)
def charge(self: Task[[int], str], order_id: int) -> str:
    """Charge an order."""
    return f"order {order_id}, attempt {self.request.retries + 1}"


class ShopTask(Task[..., Any]):
    """A base class of your own."""

    def key(self, order_id: int) -> str:
        """Return the key of an order."""
        return f"{self.name}:{order_id}"


@shared_task(base=ShopTask, bind=True)
def ship(self: ShopTask, order_id: int) -> str:
    """Ship an order."""
    return self.key(order_id)


@celery_app.task
def tidy(days: int) -> str:
    """Delete what is old."""
    return f"older than {days} days"
