"""The stock, compared with the supplier's, which takes a while."""

import os
import time

SECONDS = float(os.environ.get("SHOP_STOCK_SECONDS", "3"))


def compare() -> None:
    """Compare the stock with the supplier's."""
    time.sleep(SECONDS)
