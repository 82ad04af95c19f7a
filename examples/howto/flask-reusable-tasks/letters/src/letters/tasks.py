"""Letters that are sent once."""

from celery import shared_task
from flask import current_app


@shared_task(name="letters.send")
def send(address: str) -> str:
    """Send a letter from LETTERS_SENDER, a setting of the Flask application.

    Raises KeyError if the application does not set it.
    """
    return f"{current_app.config['LETTERS_SENDER']} writes to {address}"
