"""A Redis that knows enough to take messages, and can be as ill as a test wants."""

import socket
import struct
import time
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event
from typing import ClassVar


class Handler(StreamRequestHandler):
    """One connection."""

    server: "Broker"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer commands, unless the server is ill."""
        self.server.connections.append(self.connection)
        try:
            asked = 0  # since the transaction began
            while command := self.read():
                asked = 0 if command[0] == b"MULTI" else asked + 1
                answers = b"*%d\r\n" % (asked - 1) + (asked - 1) * b":1\r\n"
                answer = self.server.answer(command, self.connection)
                self.wfile.write(answers if command[0] == b"EXEC" else answer)
        except OSError:  # the test has cut the connection
            pass

    def read(self) -> list[bytes]:
        """Read a command: the number of its parts, and for each its length and itself."""
        parts = []
        for _ in range(int(self.rfile.readline()[1:] or 0)):
            length = int(self.rfile.readline()[1:])
            parts.append(self.rfile.read(length + 2)[:-2])
        return parts


class Broker(ThreadingTCPServer):
    """The server."""

    daemon_threads = True
    ANSWERS: ClassVar = {
        b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n",
        b"PING": b"+PONG\r\n",
        b"SADD": b":1\r\n",
        b"SMEMBERS": b"*1\r\n$16\r\ncelery\x06\x16\x06\x16celery\r\n",
    }

    def __init__(self) -> None:
        """Listen."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections: list[socket.socket] = []
        self.messages: list[bytes] = []
        self.silent = False
        self.forgotten: list[socket.socket] = []  # a load balancer drops what comes on these
        self.swallow = 0  # so many messages are taken, and not confirmed
        self.recovered = Event()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self.server_address[1]}/0"

    def answer(self, command: list[bytes], connection: socket.socket) -> bytes:
        """Return the answer to a command, or none for as long as the server is ill."""
        if self.silent or connection in self.forgotten:
            self.recovered.wait(timeout=30)
            raise ConnectionError
        name = command[0].upper()
        if name == b"LPUSH":
            self.messages.append(command[2])
            if self.swallow:
                self.swallow -= 1
                self.recovered.wait(timeout=30)
            return b":%d\r\n" % len(self.messages)
        return self.ANSWERS.get(name, b"+OK\r\n")

    def forget(self) -> None:
        """Drop what comes on the connections that are open."""
        self.forgotten = self.connections.copy()

    def cut(self, *, reset: bool) -> None:
        """Cut the connections, as a load balancer does with those that are idle for long."""
        for connection in self.connections:
            if reset and connection.fileno() != -1:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with suppress(OSError):  # the other side was faster
                connection.shutdown(socket.SHUT_RD)  # ends the thread of the connection
        while any(connection.fileno() != -1 for connection in self.connections):
            time.sleep(0.001)
        self.connections.clear()

    def shutdown_request(self, request: socket.socket) -> None:
        """Close a connection, with a reset if the test wants one."""
        request.close()

    def handle_error(self, *_: object) -> None:
        """Keep quiet about connections that were cut."""
