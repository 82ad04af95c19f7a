"""The shops that hear of an order."""

import asyncio

from shop.models import Order

PARTNERS = ("bakery", "florist", "post")


async def tell(partner: str, order: Order) -> str:
    """Stand for a call of an asynchronous HTTP client."""
    await asyncio.sleep(0.01)
    return f"{partner} knows {order}"
