"""Labels, drawn by a library that one order is too much for."""

import os
import signal

TOO_LARGE, HUGE = 13, 14


class TooLargeError(Exception):
    """A label that does not fit into memory."""


def draw(order_id: int) -> str:
    """Return the label of an order. One takes so much memory that the kernel steps in."""
    if order_id == TOO_LARGE:
        os.kill(os.getpid(), signal.SIGKILL)
    return paint(order_id)


def paint(order_id: int) -> str:
    """Return the label of an order. Raises MemoryError for one of them."""
    if order_id == HUGE:
        raise MemoryError
    return f"label of order {order_id}"
