"""A task with a large argument, which fills a small Redis quickly."""

from shop.celery_app import celery_app


@celery_app.task
def send_mail(order_id: int, text: str) -> None:
    """Send a mail, which takes no time here."""
