"""Stand for a mail server that delivers nothing: ``python sink.py``.

It takes a free port, and writes it to the file ``sink.port``.
"""

from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import ClassVar


class Sink(StreamRequestHandler):
    """Speak as much SMTP as smtplib needs.

    The recipient's name decides: ``gone`` does not exist, ``later`` is welcome the second time,
    ``closing`` has the connection closed once, and ``lost`` has it cut once the mail has arrived.
    """

    connections = 0
    received: ClassVar[list[tuple[str, bytes]]] = []
    seen: ClassVar[set[str]] = set()

    def handle(self) -> None:
        """Answer one connection."""
        Sink.connections += 1
        self.say("220 sink")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                answer = self.judge(recipient)
            elif verb == "DATA":
                self.say("354 go on")
                Sink.received.append((recipient, self.read()))
                print(f"connection {Sink.connections}: mail to {recipient}", flush=True)  # noqa: T201 - a program that tells what it does
                if recipient.startswith("lost"):
                    return
                answer = "250 taken"
            else:
                answer = "221 bye" if verb == "QUIT" else "250 yes"
            self.say(answer)
            if answer[:3] in {"221", "421"}:
                return

    def say(self, line: str) -> None:
        """Answer a line."""
        self.wfile.write(f"{line}\r\n".encode())

    def read(self) -> bytes:
        """Read a mail."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines)

    def judge(self, recipient: str) -> str:
        """Say whether a recipient is welcome."""
        again = recipient in Sink.seen
        Sink.seen.add(recipient)
        if recipient.startswith("gone"):
            return "550 no such user"
        if recipient.startswith("later") and not again:
            return "450 try again"
        if recipient.startswith("closing") and not again:
            return "421 closing"
        return "250 yes"


class Server(ThreadingTCPServer):
    """A server on this machine that stops at once."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Sink) as server:
        Path("sink.port").write_text(f"{server.server_address[1]}\n", encoding="ascii")
        print("listening, see sink.port", flush=True)  # noqa: T201 - a program that tells what it does
        server.serve_forever()
