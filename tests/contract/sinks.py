"""What stands for the world outside: a mail server, and the receiver of webhooks."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.message import EmailMessage


class MailServer(ThreadingTCPServer):
    """An SMTP server that keeps what it gets."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.messages: list[EmailMessage] = []
        self.delay = 0.0  # seconds until it takes a message
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return self.server_address[1]

    def subjects(self) -> list[str]:
        """Return the subjects of all messages so far."""
        return [message["Subject"] for message in self.messages]


class _Smtp(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        # A drill kills programs while they send.
        with contextlib.suppress(ConnectionError):
            self.talk()

    def talk(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while command := self.rfile.readline()[:4].upper().rstrip():
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b"."))
                message: Any = message_from_bytes(b"".join(lines), policy=policy.default)
                time.sleep(self.server.delay)
                self.server.messages.append(message)
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")


class WebhookReceiver(ThreadingHTTPServer):
    """A server that takes what is posted, and keeps the key and the JSON of each request."""

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.received: list[tuple[str, Any]] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address that takes the webhooks."""
        return f"http://127.0.0.1:{self.server_address[1]}/orders"


class _Receiver(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
