"""What the views call."""

from receipts import send_receipt


def pay(order_id: int) -> None:
    """Have the receipt of a paid order sent."""
    send_receipt.delay(order_id)
