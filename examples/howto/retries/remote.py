"""Stand for the bank: ``python remote.py --port 8000``. It is busy when it is asked first."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

asked: list[str] = []


class Bank(BaseHTTPRequestHandler):
    """Answer every second question."""

    def do_GET(self) -> None:
        """Answer with a rate, or ask for a pause."""
        asked.append(self.path)
        busy = len(asked) % 2
        self.send_response(503 if busy else 200)
        if busy:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(b"" if busy else b"1.17")


if __name__ == "__main__":
    port = int(sys.argv[-1])
    sys.stderr.write(f"the bank listens on http://127.0.0.1:{port}\n")
    HTTPServer(("127.0.0.1", port), Bank).serve_forever()
