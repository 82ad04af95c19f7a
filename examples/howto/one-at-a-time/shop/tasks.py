"""Tasks of which one at a time may run."""

from celery import Task

from shop import postgresql_lock, redis_lock, stock
from shop.celery_app import celery_app


@celery_app.task(time_limit=50)
def compare_stock() -> str:
    """Compare the stock, unless somebody does so."""
    with redis_lock.only_one("compare-stock", seconds=60) as mine:
        if not mine:
            return "somebody else does it"
        stock.compare()
    return "compared"


@celery_app.task(bind=True, time_limit=50, max_retries=None)
def compare_supplier(self: Task, supplier_id: int) -> str:
    """Compare the stock of a supplier; if somebody does so, do it afterwards."""
    with redis_lock.only_one(f"supplier-{supplier_id}", seconds=60) as mine:
        if not mine:
            raise self.retry(countdown=5)
        stock.compare()
    return "compared"


@celery_app.task
def compare_for_long() -> str:
    """Compare the stock, unless somebody does so. Nobody knows how long it takes."""
    with postgresql_lock.only_one("compare-stock") as mine:
        if not mine:
            return "somebody else does it"
        stock.compare()
    return "compared"


@celery_app.task
def compare_too_slowly() -> str:
    """Compare the stock under a lock that ends first."""
    with redis_lock.only_one("too-short", seconds=1) as mine:
        if not mine:
            return "somebody else does it"
        stock.compare()
    return "compared"
