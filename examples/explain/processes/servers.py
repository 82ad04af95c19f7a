"""A program: ask web servers where a request is answered. It compares the answers with ``servers.md``.

With ``--write``, it writes that file. The servers listen on sockets in a folder, so no port is needed.
"""

import contextlib
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE / "servers.md"
PATIENCE = 60  # seconds, on a busy machine
# The name, the command, where its socket goes, and the path of the request.
SERVERS = (
    ("`flask run`", ("flask", "--app", "web:flask_app", "run"), "--host=unix://{}", "/def"),
    ("`gunicorn`", ("gunicorn", "web:flask_app"), "--bind=unix:{}", "/def"),
    (
        "`gunicorn --threads 2`",
        ("gunicorn", "--threads=2", "web:flask_app"),
        "--bind=unix:{}",
        "/def",
    ),
    (
        "`gunicorn --preload`",
        ("gunicorn", "--preload", "web:flask_app"),
        "--bind=unix:{}",
        "/def",
    ),
    ("`uvicorn`, `def`", ("uvicorn", "web:fastapi_app"), "--uds={}", "/def"),
    ("`uvicorn`, `async def`", ("uvicorn", "web:fastapi_app"), "--uds={}", "/async-def"),
)


def get(address: Path, path: str) -> dict[str, int | bool]:
    """Return what a server on this socket answers."""
    with socket.socket(socket.AF_UNIX) as connected:
        connected.connect(str(address))
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = connected
        connection.request("GET", path)
        return json.load(connection.getresponse())


def row(server: tuple[str, tuple[str, ...], str, str]) -> str:
    """Start a server, ask it, and return its row."""
    name, command, option, path = server
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder, "socket")
        process = subprocess.Popen(
            [sys.executable, "-m", *command, option.format(address)],
            cwd=HERE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            answer = None
            deadline = time.monotonic() + PATIENCE
            while answer is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError):  # it does not listen yet
                    answer = get(address, path)
                time.sleep(0.05)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if answer is None:
        raise TimeoutError(f"no answer from {name}")
    return f"| {name} | {' | '.join(cells(process.pid, answer))} |"


def cells(main: int, answer: dict[str, int | bool]) -> tuple[str, str, str]:
    """Return where the modules are imported, where a request is answered, and whether a loop runs there."""
    child = answer["pid"] != main
    process = "each child" if child else "the one process"
    return (
        "the main process" if child and answer["imported by"] == main else process,
        f"{process}, {'main thread' if answer['main thread'] else 'one of its threads'}",
        "runs" if answer["loop"] else "none",
    )


def main() -> None:
    """Ask, and compare or write."""
    with ThreadPoolExecutor() as threads:
        rows = list(threads.map(row, SERVERS))
    if "--write" in sys.argv:
        head = ["| server | imports in | answers in | loop |", "| --- | --- | --- | --- |"]
        names = ("flask", "gunicorn", "fastapi", "uvicorn")
        versions = ", ".join(f"{name} {version(name)}" for name in names)
        seen = (
            f"Seen on {datetime.now(UTC):%Y-%m-%d} with {versions}, "
            f"Python {platform.python_version()}."
        )
        TABLE.write_text("\n".join([*head, *rows, "", seen, ""]), encoding="utf-8")
    known = TABLE.read_text(encoding="utf-8").splitlines()
    new = [line for line in rows if line not in known]
    sys.stdout.write("\n".join([*new, "another table"]) if new else "the same table\n")
    sys.exit(bool(new))


if __name__ == "__main__":
    main()
