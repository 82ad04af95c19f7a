"""Stand for a browser: ``COOKIE=… python listen.py ws://127.0.0.1:8000/notifications``."""

import json
import os
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


def listen(url: str, cookie: str) -> None:
    """Print what is new, and tell the shop that it was shown, until the server closes."""
    origin = f"http://{urlsplit(url).netloc}"
    with connect(url, origin=origin, additional_headers={"Cookie": cookie}) as websocket:
        sys.stderr.write("connected\n")
        with suppress(ConnectionClosed):
            while True:
                news = json.loads(websocket.recv())
                sys.stderr.write(f"{news['text']}\n")
                websocket.send(json.dumps({"read": news["id"]}))


if __name__ == "__main__":
    listen(sys.argv[1], os.environ["COOKIE"])
