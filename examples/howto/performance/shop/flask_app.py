"""Flask: ``gunicorn --threads 8 shop.flask_app:app``."""

from flask import Flask
from kombu.exceptions import OperationalError

from shop.tasks import send_receipt

app = Flask(__name__)


@app.post("/naive")
def naive() -> tuple[str, int]:
    """Send a receipt."""
    return send_receipt.delay(1).id, 202


@app.post("/recommended")
def recommended() -> tuple[str, int]:
    """Send a receipt, and say so when that is not possible."""
    try:
        return send_receipt.delay(1).id, 202
    except OperationalError:
        return "try again later", 503


@app.get("/other")
def other() -> str:
    """Answer what has nothing to do with tasks."""
    return "other"
