"""A shop that keeps the results that somebody reads, for an hour."""

from typing import Any
from uuid import UUID

from celery import Celery, Task, chain, shared_task, states
from flask import Flask, request, url_for

app = Flask(__name__)
app.config.from_mapping(
    CELERY={
        "broker_url": "redis://127.0.0.1:6379/0",
        "result_backend": "redis://127.0.0.1:6379/1",
        "result_expires": 3600,
        "task_ignore_result": True,
        "task_track_started": True,
    },
)
app.config.from_prefixed_env()


def celery_init_app(flask_app: Flask) -> Celery:
    """Create the Celery app that belongs to a Flask app.

    Raises KeyError if the Flask app has no setting CELERY.
    """

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with flask_app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(flask_app.name, task_cls=FlaskTask)
    celery_app.config_from_object(flask_app.config["CELERY"])
    celery_app.set_default()
    flask_app.extensions["celery"] = celery_app
    return celery_app


celery_app = celery_init_app(app)

PRICES = {"EUR": {"tea": 490, "cup": 1250}}


class NoPrices(Exception):
    """The shop does not sell in this currency."""

    def __init__(self, currency: str, known: list[str]) -> None:
        """Pass on every argument: the reader's copy is made from them."""
        super().__init__(currency, known)
        self.currency = currency
        self.known = known

    def __str__(self) -> str:
        """Say it to the customer."""
        return f"no prices in {self.currency}, only in {', '.join(self.known)}"


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt; nobody asks how it went."""
    return f"sent to {email}"


@shared_task(ignore_result=False)
def load_prices(currency: str) -> dict[str, int]:
    """Return the price of each product; raises NoPrices for an unknown currency."""
    if currency not in PRICES:
        raise NoPrices(currency, sorted(PRICES))
    return PRICES[currency]


@shared_task(ignore_result=False)
def make_price_list(prices: dict[str, int]) -> list[str]:
    """Return a line for each product."""
    return [f"{name}: {cents / 100:.2f}" for name, cents in sorted(prices.items())]


@app.post("/receipts")
def create_receipt() -> tuple[dict[str, str], int]:
    """Send a receipt; 400 without an address."""
    send_receipt.delay(request.form["email"])
    return {}, 202


@app.post("/price-lists")
def create_price_list() -> tuple[dict[str, str], int]:
    """Start a price list; 400 without a currency."""
    result = chain(load_prices.s(request.form["currency"]), make_price_list.s())()
    return {"price_list": url_for("price_list", task_id=result.id)}, 202


@app.get("/price-lists/<uuid:task_id>")
def price_list(task_id: UUID) -> dict[str, Any]:
    """Tell how far the price list is."""
    result = celery_app.AsyncResult(str(task_id))
    status: dict[str, Any] = {"state": result.state}
    if status["state"] == states.SUCCESS:
        status["lines"] = result.result
    elif status["state"] == states.FAILURE:
        error = result.result
        # Other errors can name hosts, queries or files.
        status["error"] = str(error) if isinstance(error, NoPrices) else type(error).__name__
    return status


@app.delete("/price-lists/<uuid:task_id>")
def delete_price_list(task_id: UUID) -> tuple[str, int]:
    """Forget a price list that is ready; leave everything else alone."""
    result = celery_app.AsyncResult(str(task_id))
    if result.ready():
        result.forget()
    return "", 204
