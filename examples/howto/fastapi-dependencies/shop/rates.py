"""The bank's exchange rates."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from shop.config import get_settings

# A test puts a client without a network here.
new_client = httpx2.Client


class Rates:
    """What the bank says."""

    def __init__(self, client: httpx2.Client) -> None:
        """Ask over this client."""
        self.client = client

    def in_euro(self, cents: int, currency: str) -> int:
        """Convert an amount.

        Raises httpx2.HTTPError if the bank does not answer.
        """
        answer = self.client.get(f"/{currency}").raise_for_status()
        return round(cents * float(answer.json()))


@contextmanager
def open_rates() -> Iterator[Rates]:
    """Open a connection to the bank, and close it."""
    with new_client(base_url=get_settings().rates_url, timeout=5) as client:
        yield Rates(client)
