"""The proxy passes bytes on, late or not at all."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from measure.proxy import Proxy, refusing_port

LATE = 0.05  # seconds each way


class Echo(socketserver.StreamRequestHandler):
    """Sends each line back, and says goodbye at the end."""

    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(line)
        self.wfile.write(b"bye\n")


class Server(socketserver.ThreadingTCPServer):
    """A service for these tests."""

    daemon_threads = True


@pytest.fixture
def service() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"redis://:secret@127.0.0.1:{server.server_address[1]}/3"
        server.shutdown()
        thread.join()


def ask(connection: socket.socket, line: bytes) -> tuple[bytes, float]:
    """Return the answer to a line, and how long it took."""
    begin = time.monotonic()
    connection.sendall(line)
    return connection.recv(100), time.monotonic() - begin


def test_the_address(service: str) -> None:
    with Proxy(service) as proxy:
        assert proxy.url == f"redis://:secret@127.0.0.1:{proxy.port}/3"
        with socket.create_connection(("127.0.0.1", proxy.port)) as client:
            assert ask(client, b"hello\n")[0] == b"hello\n"


def test_a_url_without_port_or_user() -> None:
    with Proxy("amqp://127.0.0.1//", silent=True) as proxy:
        assert proxy.url == f"amqp://127.0.0.1:{proxy.port}//"


def test_the_delay_is_there_and_back_and_can_be_changed(service: str) -> None:
    with (
        Proxy(service, delay=LATE) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port)) as client,
    ):
        answer, seconds = ask(client, b"hello\n")
        assert answer == b"hello\n"
        assert seconds >= 2 * LATE
        proxy.delay = 0
        fastest = min(ask(client, b"hello\n")[1] for _ in range(10))
        assert fastest < LATE


def test_what_is_on_its_way_does_not_wait_for_what_went_before(service: str) -> None:
    """A delay, no limit of the rate: ten lines are not ten times as late."""
    with (
        Proxy(service, delay=LATE) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port)) as client,
    ):
        begin = time.monotonic()
        for number in range(10):
            client.sendall(b"%d\n" % number)
            time.sleep(0.001)
        received = b""
        while len(received) < 20:
            received += client.recv(100)
        assert received == b"".join(b"%d\n" % number for number in range(10))
        assert time.monotonic() - begin < 10 * LATE


def test_a_silent_one_holds_what_it_gets(service: str) -> None:
    with (
        Proxy(service) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), LATE) as client,
    ):
        assert ask(client, b"first\n")[0] == b"first\n"
        proxy.silent = True
        with pytest.raises(TimeoutError):
            ask(client, b"second\n")
        with socket.create_connection(("127.0.0.1", proxy.port), LATE) as other:
            with pytest.raises(TimeoutError):
                ask(other, b"third\n")
            client.settimeout(5)
            other.settimeout(5)
            proxy.silent = False
            assert (client.recv(100), other.recv(100)) == (b"second\n", b"third\n")


def test_the_end_passes_in_both_directions(service: str) -> None:
    with (
        Proxy(service) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 5) as client,
    ):
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b"bye\n"
        assert client.recv(100) == b""


def test_a_service_that_is_gone() -> None:
    with refusing_port() as nobody, pytest.raises(ConnectionRefusedError):
        socket.create_connection(nobody.getsockname())
    with (
        refusing_port() as nobody,
        Proxy(f"redis://127.0.0.1:{nobody.getsockname()[1]}") as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 5) as client,
    ):
        assert client.recv(100) == b""


def test_the_end_of_the_proxy_closes_connections(service: str) -> None:
    with Proxy(service) as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port), 5)
        assert ask(client, b"hello\n")[0] == b"hello\n"
    with client:
        assert client.recv(100) == b""
