"""Take orders in a new shop: `python send.py 4`.

With `python send.py 4 7`, each receipt takes seven seconds.
"""

import sys

from shop import MAIL, broker, database, send_receipt


def open_anew() -> None:
    """Forget the orders, the receipts and the messages of the last round."""
    broker.delete("celery", "unacked", "unacked_index")
    MAIL.write_text("")
    with database() as db:
        db.execute("DROP TABLE IF EXISTS orders")
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, sent INTEGER DEFAULT 0)")


def take_order(seconds: float) -> None:
    """Note an order, and send its task after the commit."""
    with database() as db:
        order_id = db.execute("INSERT INTO orders DEFAULT VALUES").lastrowid
    send_receipt.delay(order_id, seconds)


def send(orders: int, seconds: float = 2) -> None:
    """Open the shop anew, and take orders whose receipts take some seconds each."""
    open_anew()
    for _ in range(orders):
        take_order(seconds)


if __name__ == "__main__":
    send(int(sys.argv[1]), *map(float, sys.argv[2:]))
