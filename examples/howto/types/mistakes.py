"""Wrong calls: those that mypy finds, and those that it does not."""

from celery.result import AsyncResult
from shop.tasks import charge, send_receipt, ship, tidy


def found() -> list[AsyncResult[str]]:
    """Send what mypy finds."""
    return [
        send_receipt.delay("7"),
        charge.delay("7"),
        send_receipt.apply_async((7,), cuontdown=60),
    ]


def found_in_the_result() -> None:
    """Use a result as what it is not."""
    send_receipt.delay(7).get().uper()


def missed() -> list[AsyncResult[str]]:
    """Send what mypy does not find."""
    return [
        send_receipt.apply_async(("7",)),
        send_receipt.s("7").delay(),
        ship.delay("7"),
        tidy.delay("7"),
    ]
