"""Write `data/`: `python -m compare FOLDER [AMQP]` makes an environment for each version below FOLDER, and asks it.

It needs `redis-server` and a package index, and takes about ten minutes. Without the address of a RabbitMQ, the rows
about RabbitMQ are left out. Workers with quorum queues leave their queues `celery_delayed_…` in it.
"""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from compare.probe import HERE, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = HERE / "data"
KOMBU = {"5.3": "5.3", "5.4": "5.3", "5.5": "5.5", "5.6": "5.6", "5.7": "5.7"}  # of the same time
VERSIONS = list(KOMBU)
ASK_FOR_DEFAULTS = (
    "import json; from celery.app.defaults import DEFAULTS as d; "
    "print(json.dumps({name: repr(value) for name, value in d.items()}))"
)
ASK_FOR_REDIS = "from kombu import Connection; Connection('redis://').transport"


def environment(folder: Path, name: str, *packages: str) -> Path:
    """Return the Python of an environment with these packages; it is made if it is not there."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def run(python: Path, *arguments: str) -> str:
    """Return what a program prints in an environment."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("CELERY_", "PYTHON"))}
    done = subprocess.run(
        [python, *arguments], cwd=HERE, env=own, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def speaks_redis(python: Path) -> str:
    """Say whether an environment can use Redis.

    Raises:
        RuntimeError: if something else is missing than the package that kombu's extra installs.

    """
    done = subprocess.run(
        [python, "-c", ASK_FOR_REDIS], check=False, capture_output=True, text=True
    )
    if done.returncode and "No module named 'packaging'" not in done.stderr:
        raise RuntimeError(done.stderr)
    return "fails" if done.returncode else "works"


def versions_of(python: Path) -> str:
    """Return the versions of kombu and redis-py."""
    asks = "from importlib.metadata import version as v; print(v('kombu'), v('redis'))"
    return " ".join(run(python, "-c", asks).split())


def listens(port: int) -> bool:
    """Say whether somebody listens on this port of loopback."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def redis() -> Iterator[str]:
    """Start a Redis server of our own, and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
        server = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            if not wait_for(lambda: listens(port)):
                raise TimeoutError("redis-server does not answer")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
            server.wait()


def installed(folder: Path, version: str) -> Iterator[tuple[str, str]]:
    """Yield what pip makes of this version today."""
    extra = environment(folder, f"extra-{version}", f"celery[redis]=={version}.*")
    without = environment(folder, f"without-{version}", f"celery=={version}.*", "redis")
    yield "`celery[redis]`: kombu, redis-py", versions_of(extra)
    yield "`celery[redis]`: a `redis://` URL", speaks_redis(extra)
    yield "`celery redis`: a `redis://` URL", speaks_redis(without)


def pinned(folder: Path, version: str) -> Path:
    """Return an environment as it was when this version was new."""
    packages = (f"celery[redis]=={version}.*", f"kombu=={KOMBU[version]}.*", "pydantic")
    return environment(folder, f"pinned-{version}", *packages)


def with_gevent(folder: Path, version: str) -> Path:
    """Return such an environment with gevent."""
    packages = (f"celery=={version}.*", f"kombu=={KOMBU[version]}.*", "gevent")
    return environment(folder, f"gevent-{version}", *packages)


def compare(folder: Path, url: str, amqp: str) -> dict[str, dict[str, str]]:
    """Return the cells of each version, by their rows."""
    columns = {}
    for version in VERSIONS:
        cells = dict(installed(folder, version))
        cells |= json.loads(run(pinned(folder, version), "-m", "compare.probe", url, amqp))
        if amqp != "none":
            python = with_gevent(folder, version)
            cells |= json.loads(run(python, "-m", "compare.greenlets", amqp))
        columns[version] = cells
    return columns


def exchange(folder: Path, url: str) -> Iterator[list[str]]:
    """Yield a row for each version of a worker: what came of the messages of each version."""
    for version in VERSIONS:
        queue = uuid4().hex
        python = pinned(folder, version)
        settings = {"broker_url": url, "result_backend": url, "task_default_queue": queue}
        celery = str(python.with_name("celery"))
        command = [celery, "-A", "compare.app", "worker", "-c", "2"]
        with (
            tempfile.TemporaryFile() as log,
            subprocess.Popen(
                command,
                cwd=HERE,
                env={**os.environ, "COMPARE_SETTINGS": json.dumps(settings)},
                stdout=log,
                stderr=log,
            ) as worker,
        ):
            try:
                yield [version, *(said(pinned(folder, by), url, queue) for by in VERSIONS)]
            finally:
                worker.terminate()


def said(python: Path, url: str, queue: str) -> str:
    """Say how many kinds of messages have had the right answer, and which have not."""
    answers = json.loads(run(python, "-m", "compare.send", url, queue))
    wrong = [f"{kind}: {answer}" for kind, answer in answers.items() if answer != "right"]
    return "; ".join(wrong) or f"all {len(answers)}"


def settings(folder: Path) -> Iterator[list[str]]:
    """Yield each setting that the oldest version does not have, or whose default has changed since."""
    known: dict[str, str] = json.loads(run(pinned(folder, VERSIONS[0]), "-c", ASK_FOR_DEFAULTS))
    for version in VERSIONS[1:]:
        defaults = json.loads(run(pinned(folder, version), "-c", ASK_FOR_DEFAULTS))
        for name, value in defaults.items():
            if name not in known:
                yield [f"`{name}`", f"new in {version}", f"`{value}`"]
            elif known[name] != value:
                yield [f"`{name}`", f"another default in {version}", f"`{value}`"]
        for name in known.keys() - defaults.keys():
            yield [f"`{name}`", f"gone in {version}", ""]
        known = defaults


def write(name: str, rows: list[list[str]]) -> None:
    """Write a table."""
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main() -> None:
    """Write the tables and the messages."""
    folder, amqp, *_ = *sys.argv[1:], "none"
    compare_all(Path(folder).resolve(), amqp)


def compare_all(folder: Path, amqp: str) -> None:
    """Write all files of `data/`."""
    write("settings.csv", [["setting", "what", "default"], *settings(folder)])
    with redis() as url:
        columns = compare(folder, url, amqp)
        names = list(dict.fromkeys(name for cells in columns.values() for name in cells))
        rows = [[name, *(columns[by].get(name, "not asked") for by in VERSIONS)] for name in names]
        write("versions.csv", [["what", *VERSIONS], *rows])
        head = ["worker", *(f"messages of {version}" for version in VERSIONS)]
        write("exchange.csv", [head, *exchange(folder, url)])
        recorded: dict[str, Any] = {
            version: json.loads(
                run(pinned(folder, version), "-m", "compare.send", url, "r", "--record")
            )
            for version in VERSIONS
        }
    text = json.dumps(recorded, indent=1) + "\n"
    (DATA / "messages.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
