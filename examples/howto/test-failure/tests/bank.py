"""A bank that keeps its callers waiting until the test says otherwise, and counts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class Bank:
    """What it was asked, and what it has charged; a key that it knows is charged once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.requests: Counter[str] = Counter()
        self.charged: Counter[str] = Counter()
        self.open = Event()
        self.url = ""

    def charge(self, key: str) -> None:
        """Charge first, so that whoever is killed while it waits does not know."""
        if key not in self.charged:
            self.charged[key] += 1
        self.requests[key] += 1
        self.open.wait(timeout=30)


@contextmanager
def running_bank() -> Iterator[Bank]:
    """Serve the bank on a free port of this machine."""
    bank = Bank()

    class Counterpart(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bank.charge(self.headers["Idempotency-Key"])
            with suppress(OSError):  # the caller is dead
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Counterpart) as server:
        bank.url = f"http://127.0.0.1:{server.server_port}/charges"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield bank
        bank.open.set()
        server.shutdown()
