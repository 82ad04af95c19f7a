"""Flower's options; it reads this file with ``--conf=flowerconfig.py`` only."""

import os

SHORTEST = 12
password = os.environ.get("SHOP_FLOWER_PASSWORD", "")
if len(password) < SHORTEST or not password.isascii():
    message = f"SHOP_FLOWER_PASSWORD: {SHORTEST} ASCII characters at least"
    raise SystemExit(message)

address = "127.0.0.1"
basic_auth = [f"shop:{password}"]
read_only = True
max_tasks = 10_000
purge_offline_workers = 3600
