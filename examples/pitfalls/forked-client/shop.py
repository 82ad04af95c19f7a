"""A client has sent a request before a fork, and two processes read parts of one answer."""

import os
import select
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2


class Handler(BaseHTTPRequestHandler):
    """A partner whose connections stay open, and whose second half can take a while."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with eleven bytes."""
        self.send_response(200)
        self.send_header("Content-Length", "11")
        self.end_headers()
        self.wfile.write(b"first ")
        if self.path == "/slow":
            select.select([self.connection], [], [], 10)  # until there is another request
        self.wfile.write(b"half.")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


partner = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=partner.serve_forever, daemon=True).start()

client = httpx2.Client(base_url=f"http://127.0.0.1:{partner.server_port}", timeout=10)
client.get("/rates")

if (child := os.fork()) == 0:
    with client.stream("GET", "/slow") as answer:
        next(answer.iter_raw())  # it has the first half, and ends here
        os._exit(0)
os.waitpid(child, 0)
client.get("/rates")
