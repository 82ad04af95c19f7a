"""An exception that takes two arguments and passes on one."""

from contextlib import suppress

from celery import Celery

app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = True


class NoPrices(Exception):
    """The shop does not sell in this currency."""

    def __init__(self, currency: str, known: list[str]) -> None:
        """Make the text, and lose the arguments."""
        super().__init__(f"no prices in {currency}, only in {', '.join(known)}")


@app.task
def load_prices(currency: str) -> dict[str, int]:
    """Raise NoPrices."""
    raise NoPrices(currency, ["EUR"])


with suppress(NoPrices):
    load_prices.delay("XXX").get(timeout=10)
