"""The way to the customer."""

import logging

logger = logging.getLogger(__name__)


def send(email: str, text: str) -> None:
    """Send a mail; here it is a line in the log."""
    logger.info("to %s: %s", email, text)
