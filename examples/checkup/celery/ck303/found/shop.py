"""A shop that sends receipts."""

from celery import Celery

celery_app = Celery("shop", broker="amqp://shop:Eiche7Tal@rabbit.example.org/shop")
celery_app.conf.task_time_limit = 60


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""
