"""A task is sent to a queue that the settings do not list."""

from celery import Celery
from kombu import Queue

app = Celery("shop", broker="memory://")
app.conf.update(task_queues=[Queue("mail")], task_create_missing_queues=False)


@app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""


send_receipt.apply_async([1], queue="mial")
