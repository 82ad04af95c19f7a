"""What all programs share: a broker in a folder, a worker, and a file with what came out."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parents[1]
DATA = HERE / "data"
FOLDER = "MEASURE_FOLDER"  # the variable that tells a worker where the broker is
SECONDS = 30  # until something must have happened, also on a busy machine

Table = dict[str, Any]


def celery_settings(folder: Path | str | None = None) -> dict[str, Any]:
    """Return settings for the broker in this folder, or in the one that `FOLDER` names: files, or a Redis."""
    folder = folder or os.environ.get(FOLDER)
    if folder is None:  # this module is only looked at
        return {}
    if (address := Path(folder, "redis")).exists():
        return {"broker_url": address.read_text(), "result_backend": address.read_text()}
    options = {
        "data_folder_in": f"{folder}/queue",
        "data_folder_out": f"{folder}/queue",
        "control_folder": f"{folder}/control",
        "polling_interval": 0.05,
    }
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": options,
        "result_backend": f"file://{folder}/results",
    }


@contextlib.contextmanager
def broker() -> Iterator[Path]:
    """Make the folders of a broker; they go away."""
    with tempfile.TemporaryDirectory(prefix="measure-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for part in ("queue", "control", "results"):
            (folder / part).mkdir()
        yield folder


@contextlib.contextmanager
def redis() -> Iterator[Path]:
    """Start a Redis server of our own; its address is in the folder."""
    with broker() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
        server = subprocess.Popen(
            [*command, "--dir", str(folder)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            (folder / "redis").write_text(f"redis://127.0.0.1:{port}/0")
            if not wait_for(lambda: listens(port)):
                raise TimeoutError("redis-server does not answer")
            yield folder
        finally:
            server.kill()
            server.wait()


def listens(port: int) -> bool:
    """Say whether somebody listens on this port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """Start `celery` with these arguments, in a process group of its own; it prints to `folder/log`."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CELERY_", "DJANGO_"))}
    own = {FOLDER: str(folder), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("ab") as output:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("celery")), *arguments],
            cwd=HERE,
            env={**inherited, **own, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and all processes of its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def celery(folder: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `celery` until the block ends."""
    process = start(folder, *arguments, **variables)
    try:
        yield process
    finally:
        kill(process)


def wait_for(condition: Callable[[], Any], seconds: float = SECONDS) -> bool:
    """Wait until the condition holds; say whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def log_of(folder: Path) -> str:
    """Return what the programs of this folder have printed."""
    return (folder / "log").read_text(encoding="utf-8", errors="replace")


def ready(folder: Path) -> None:
    """Wait until the worker is ready.

    Raises:
        TimeoutError: if it is not in time.

    """
    if not wait_for(lambda: " ready." in log_of(folder)):
        raise TimeoutError(log_of(folder))


def code(text: str) -> str:
    """Return text as inline code of Markdown."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def main(name: str, measure: Callable[[], dict[str, Table]], *packages: str) -> None:
    """Write `data/NAME.json`; with `--check`, compare it with what comes out now."""
    path = DATA / f"{name}.json"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # what was started ends, too
    tables = measure()
    if "--check" in sys.argv:
        known = json.loads(path.read_text(encoding="utf-8"))["tables"]
        differences = list(differing(known, tables))
        sys.stdout.write("\n".join(differences) + "\n" if differences else "no difference\n")
        sys.exit(bool(differences))
    versions = {package: version(package) for package in packages}
    versions["Python"] = ".".join(map(str, sys.version_info[:3]))
    data = {"versions": versions, "tables": tables}
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def differing(known: dict[str, Table], new: dict[str, Table]) -> Iterator[str]:
    """Name the rows that are not in both."""
    for part in known.keys() | new.keys():
        rows = [
            {json.dumps(row, ensure_ascii=False) for row in tables.get(part, {}).get("rows", [])}
            for tables in (known, new)
        ]
        yield from (f"{part}: was {row}" for row in sorted(rows[0] - rows[1]))
        yield from (f"{part}: now {row}" for row in sorted(rows[1] - rows[0]))
