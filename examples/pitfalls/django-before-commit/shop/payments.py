"""The payment provider."""

import time

from shop.models import Order


def charge(order: Order) -> str:
    """Charge a customer, and return the provider's reference.

    It stands for a request that takes a second.
    """
    time.sleep(1)
    return f"payment-{order.pk}"
