"""The printer of labels, which may be out of paper."""

import os
from time import sleep

from shop.config import get_settings


def print_label(order_id: int) -> None:
    """Print a label; without paper for it, wait for some.

    Beside the labels is a file that tells which processes have begun one.

    Raises ValueError for order 0, which does not exist.
    """
    if order_id == 0:
        message = "there is no order 0"
        raise ValueError(message)
    folder = get_settings().label_folder
    folder.mkdir(exist_ok=True)
    with (folder / f"{order_id}.begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not (folder / f"{order_id}.paper").exists():
        sleep(0.01)
    (folder / f"{order_id}.label").write_text(f"order {order_id}")


async def print_label_on_the_loop(order_id: int) -> None:
    """Print a label, and stop the event loop meanwhile: do not do this."""
    print_label(order_id)
