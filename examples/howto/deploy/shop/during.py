"""The release in between: it understands the messages of today and of tomorrow."""

from shop.celery_app import make_celery_app

celery_app = make_celery_app()


def mail(order_id: int, language: str = "en", *, urgent: bool = False) -> str:
    """Mail a receipt."""
    del urgent  # Nobody reads it any more, and old messages still have it.
    return f"receipt {order_id} in {language}"


mail_receipt = celery_app.task(mail, name="shop.tasks.mail_receipt")
# The name that old messages have. Remove it when none of them is left.
send_receipt = celery_app.task(mail, name="shop.tasks.send_receipt")


def place_order(order_id: int) -> None:
    """Do what the web server of this release does."""
    mail_receipt.delay(order_id=order_id, language="de")
