"""The stand-in for curl answers as curl does, for the options of the pages."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

STAND_IN = [sys.executable, str(Path(__file__).parents[2] / "verify" / "curl.py")]


class Echo(http.server.BaseHTTPRequestHandler):
    """Answer with what was asked."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        kind = self.headers.get("Content-Type", "")
        if "boundary=" in kind:
            kind, _, boundary = kind.partition("; boundary=")
            body = body.replace(boundary, "B").replace("Content-Type: text/plain\r\n", "")
        word = self.headers.get("Authorization", "")
        text = f"{self.command} {self.path} {kind} {body}{word}\n".encode()
        self.send_response(404 if self.path == "/nowhere" else 200)
        if self.path == "/stream":
            self.end_headers()
            self.wfile.write(b"begun\n")
            time.sleep(1)
            return
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Keep the output of pytest readable."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve on a free loopback port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(program: list[str], *options: str) -> str:
    """Return what a program prints, without what differs from run to run."""
    done = subprocess.run([*program, *options], capture_output=True, text=True, check=True)
    lines = done.stdout.replace("\r", "").split("\n")
    return "\n".join(line for line in lines if not line.startswith("Date:"))


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        (("-s", "/a"), "GET /a  \n"),
        (("-s", "-X", "DELETE", "/a"), "DELETE /a  \n"),
        (("-s", "-X", "POST", "/a"), "POST /a  \n"),
        (
            ("-sS", "-d", "a=1", "-d", "b=2", "/a"),
            "POST /a application/x-www-form-urlencoded a=1&b=2\n",
        ),
        (
            ("-s", "-H", "Content-Type: application/json", "-d", "{}", "/a"),
            "POST /a application/json {}\n",
        ),
        (("-s", "-u", "shop:a:b c", "/a"), "GET /a  Basic c2hvcDphOmIgYw==\n"),
        (("-s", "-w", "%{http_code}\\n", "/nowhere"), "GET /nowhere  \n404\n"),
        (("-s", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", "/a"), "200"),
    ],
)
def test_options(address: str, options: tuple[str, ...], printed: str) -> None:
    asked = (*options[:-1], address + options[-1])
    assert run(STAND_IN, *asked) == printed
    if shutil.which("curl"):
        assert run(["curl"], *asked) == printed


def test_a_file(address: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    asked = ("-s", "-F", f"image=@{tmp_path}/a.txt", f"{address}/a")
    printed = run(STAND_IN, *asked)
    head = 'Content-Disposition: form-data; name="image"; filename="a.txt"'
    body = f"--B\n{head}\n\ntext\n--B--\n"
    assert printed == f"POST /a multipart/form-data {body}\n"
    if shutil.which("curl"):
        assert run(["curl"], *asked) == printed


def test_a_stream_is_printed_as_it_comes(address: str) -> None:
    for program in [STAND_IN, ["curl"]] if shutil.which("curl") else [STAND_IN]:
        command = [*program, "-sN", "-m", "0.5", f"{address}/stream"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (28, "begun\n")


def test_headers(address: str) -> None:
    assert run(STAND_IN, "-s", "-i", f"{address}/a").startswith("HTTP/1.")
    assert "Content-Length: 9\n\nGET /a" in run(STAND_IN, "-s", "-i", f"{address}/a")


@pytest.mark.parametrize(("where", "code"), [("http://127.0.0.1:1/", 7), ("silent", 28)])
def test_exit_codes(where: str, code: int) -> None:
    with http.server.socketserver.TCPServer(("127.0.0.1", 0), None) as silent:  # type: ignore[arg-type]
        asked = f"http://127.0.0.1:{silent.server_address[1]}/" if where == "silent" else where
        command = ["-s", "--max-time", "0.2", asked]
        assert (
            subprocess.run([*STAND_IN, *command], capture_output=True, check=False).returncode
            == code
        )
