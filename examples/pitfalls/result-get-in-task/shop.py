"""A task that waits for another task."""

from celery import Celery

app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = True


@app.task
def load_prices() -> dict[str, int]:
    """Return the price of each product."""
    return {"tea": 490}


@app.task
def make_price_list() -> list[str]:
    """Return the products."""
    return sorted(load_prices.delay().get(timeout=10))


make_price_list.delay().get(timeout=10)
