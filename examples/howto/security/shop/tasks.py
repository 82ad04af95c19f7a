"""The tasks."""

from shop.celery_app import celery_app
from shop.private import PrivateTask


class BankIsClosedError(Exception):
    """The bank says: later."""


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"sent the receipt of order {order_id:d}"


@celery_app.task(base=PrivateTask, bind=True, max_retries=3)
def pay(self: PrivateTask, token: str) -> str:
    """Pay with a token; the bank takes it at the second attempt."""
    if not self.request.retries:
        raise self.retry(countdown=0, exc=BankIsClosedError())
    return f"paid with {len(token)} characters"
