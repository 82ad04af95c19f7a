"""The bank, which takes the money from a customer's card."""

from http import HTTPStatus

import httpx2

from shop.config import get_settings


class BankUnavailableError(Exception):
    """The bank cannot answer now."""


class BankBusyError(Exception):
    """The bank asks us to come back in some seconds."""

    def __init__(self, seconds: int) -> None:
        """Remember the seconds."""
        super().__init__(seconds)
        self.seconds = seconds


class PaymentRefusedError(Exception):
    """The bank does not take the money, now or later. A client may see the message."""


def new_client() -> httpx2.Client:
    """Return a client of the bank that waits five seconds for each step."""
    return httpx2.Client(base_url=get_settings().bank_url, timeout=5)


def pause(retry_after: str) -> int:
    """Return the seconds that the bank asks for, or a minute if it names a date."""
    return min(int(retry_after), 300) if retry_after.isdecimal() else 60


def charge(order_id: int, cents: int) -> str:
    """Take the money for an order, once, and return the bank's receipt.

    Raises httpx2.TransportError, BankUnavailableError or BankBusyError for what may
    pass, PaymentRefusedError for what will not.
    """
    with new_client() as bank:
        answer = bank.post(
            "/charges",
            json={"cents": cents},
            headers={"Idempotency-Key": f"order-{order_id}"},
        )
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise BankBusyError(pause(answer.headers.get("Retry-After", "")))
    if answer.is_server_error or answer.status_code == HTTPStatus.REQUEST_TIMEOUT:
        message = f"the bank answered {answer.status_code}"
        raise BankUnavailableError(message)
    if not answer.is_success:
        message = f"the bank answered {answer.status_code}"
        raise PaymentRefusedError(message)
    return str(answer.json())
