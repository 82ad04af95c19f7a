"""Tasks whose messages may be older than their code."""

from celery import shared_task


@shared_task
def send_receipt(order_id: int, language: str = "en") -> str:
    """Send a receipt; `language` is new, so that messages of the last release do not have it."""
    return f"receipt {order_id} in {language}"
