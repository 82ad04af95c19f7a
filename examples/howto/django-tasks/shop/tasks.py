"""The tasks."""

from django.tasks import task

from shop.models import Order


@task
def send_receipt(order_id: int) -> str:
    """Note that the receipt is sent."""
    order = Order.objects.get(pk=order_id)
    order.receipt_sent = True
    order.save(update_fields=["receipt_sent"])
    return f"sent to {order.email}"


@task
async def count_receipts() -> int:
    """Count what was sent; a task may be asynchronous."""
    return await Order.objects.filter(receipt_sent=True).acount()
