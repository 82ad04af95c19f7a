"""The mistake: a flag that only its owner takes away."""

from shop import stock
from shop.celery_app import celery_app
from shop.redis_lock import client


@celery_app.task
def compare_stock() -> str:
    """Compare the stock, unless somebody does so. Who is killed leaves the flag."""
    if not client.setnx("shop:comparing", 1):
        return "somebody else does it"
    try:
        stock.compare()
    finally:
        client.delete("shop:comparing")
    return "compared"
