"""A web server on a free port: it answers a request with its path, or with the port of the client.

``/held`` is answered when the next request has come on the same connection.
"""

import select
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Connections stay open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/held":
            sys.stdout.write("held\n")
            sys.stdout.flush()
            select.select([self.connection], [], [], 30)
        said = str(self.client_address[1]) if self.path == "/port" else self.path
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
