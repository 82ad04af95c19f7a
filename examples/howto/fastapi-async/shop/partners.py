"""The partners' web service."""

import asyncio
from functools import cache

import httpx2

from shop.config import get_settings

PARTNERS = ("bakery", "florist", "post")


def new_client() -> httpx2.AsyncClient:
    """Return a client; it belongs to the event loop that uses it first."""
    return httpx2.AsyncClient(base_url=get_settings().partner_url, timeout=10)


async def tell(client: httpx2.AsyncClient, partner: str, order_id: int) -> str:
    """Tell one partner of an order."""
    answer = await client.post(f"/{partner}/{order_id}")
    return str(answer.raise_for_status().json())


async def tell_all(order_id: int) -> list[str]:
    """Tell all partners at the same time, with a client of this call's own."""
    async with new_client() as client:
        return await asyncio.gather(*(tell(client, partner, order_id) for partner in PARTNERS))


@cache
def shared_client() -> httpx2.AsyncClient:
    """Return the client of this process, for coroutines on its one loop."""
    return new_client()


async def tell_one(partner: str, order_id: int) -> str:
    """Tell one partner, over a connection that stays open."""
    return await tell(shared_client(), partner, order_id)


async def close() -> None:
    """Close the client of this process."""
    await shared_client().aclose()
    shared_client.cache_clear()
