"""Mail."""

import logging

logger = logging.getLogger(__name__)


def send(sender: str, recipient: str, text: str) -> None:
    """Send a mail; this shop only logs it. Raises OSError if the mail server is away."""
    logger.info("mail from %s to %s: %s", sender, recipient, text)
