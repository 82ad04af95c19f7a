"""The service that knows whom not to trust."""

import time


def ask(email: str) -> int:
    """Return how risky an order is. It stands for a request that takes a second."""
    time.sleep(1)
    return len(email)
