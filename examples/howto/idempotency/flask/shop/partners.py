"""Stand for two services of other people."""

import time
from uuid import uuid4

SECONDS = 0.5
receipts: dict[str, str] = {}


def points_for(cents: int) -> int:
    """Ask the loyalty programme what an order is worth, which takes a while."""
    time.sleep(SECONDS)
    return cents // 100


def charge(key: str, cents: int) -> str:
    """Charge a card, unless the bank has seen the key; return the receipt."""
    time.sleep(SECONDS)
    return receipts.setdefault(key, f"{cents} cents, {uuid4()}")
