"""The release after that."""

from shop.celery_app import make_celery_app

celery_app = make_celery_app()


@celery_app.task(name="shop.tasks.mail_receipt")
def mail_receipt(order_id: int, language: str = "en") -> str:
    """Mail a receipt."""
    return f"receipt {order_id} in {language}"


def place_order(order_id: int) -> None:
    """Do what the web server of this release does."""
    mail_receipt.delay(order_id=order_id, language="de")
