"""The shop before Celery: the customer waits for the mail server."""

import time

from flask import Flask, request

app = Flask(__name__)


@app.post("/orders")
def create_order() -> tuple[dict[str, str], int]:
    """Send the receipt, then answer; 400 without an e-mail address."""
    email = request.form["email"]
    time.sleep(2)  # a mail server on a slow day
    return {"email": email}, 201
