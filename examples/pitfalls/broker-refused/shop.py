"""A task is sent, and no broker listens."""

from celery import Celery

app = Celery("shop", broker="amqp://127.0.0.1:1//")


@app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"


send_receipt.delay("ada@example.com")
