"""A shop with Flask-CeleryExt."""

from flask import Flask, current_app, g
from flask_celeryext import FlaskCeleryExt, RequestContextTask

app = Flask(__name__)
app.config.from_mapping(
    CELERY_BROKER_URL="redis://127.0.0.1:6379/0",
    CELERY_RESULT_BACKEND="redis://127.0.0.1:6379/1",
    SENDER="shop@example.com",
)
app.config.from_prefixed_env()
celery_app = FlaskCeleryExt(app).celery


@app.before_request
def choose_currency() -> None:
    """Choose the currency before each request."""
    g.currency = "EUR"


@celery_app.task
def sender() -> str:
    """Return the shop's address."""
    return current_app.config["SENDER"]


@celery_app.task(base=RequestContextTask)
def price(cents: int) -> str:
    """Return an amount in the currency of the request."""
    return f"{cents / 100:.2f} {g.currency}"
