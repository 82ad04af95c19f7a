"""The release that runs today."""

from shop.celery_app import make_celery_app

celery_app = make_celery_app()


@celery_app.task(name="shop.tasks.send_receipt")
def send_receipt(order_id: int, *, urgent: bool) -> str:
    """Mail a receipt, soon if it is urgent."""
    return f"receipt {order_id}, urgent: {urgent}"


def place_order(order_id: int) -> None:
    """Do what the web server of this release does."""
    send_receipt.delay(order_id=order_id, urgent=True)
