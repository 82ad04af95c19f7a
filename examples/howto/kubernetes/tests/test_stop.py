"""What a signal does to the worker that the manifest starts, and to a shell in between. Real processes."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery.bin.celery import main
from shop import create_app, make_report
from test_manifests import COMMAND

# A program that ends in its own way, if it hears of SIGTERM at all.
PROGRAM = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
signal.alarm(20)
print(os.getpid(), flush=True)
signal.sigwait({signal.SIGTERM})
print("warm shutdown", flush=True)
"""


def wait_until(true: Callable[[], object]) -> None:
    """Wait for something, half a minute at most."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


class Worker:
    """The worker of a command, as a process of its own."""

    def __init__(self, words: list[str], log: Path) -> None:
        """Start it in a fork, which has all modules already."""
        self.log = log
        self.pid = os.fork()
        if not self.pid:
            self._run(words)

    def _run(self, words: list[str]) -> None:
        status = 1
        try:
            warnings.simplefilter("ignore")  # of pytest's, which are errors
            os.setsid()
            with self.log.open("wb") as output:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
            sys.argv = words
            sys.modules.pop("make_celery", None)
            main()
        except SystemExit as exc:
            status = exc.code or 0
        finally:
            os._exit(status)

    def says(self, text: str) -> None:
        """Wait until the log has a text."""
        wait_until(lambda: self.log.exists() and text in self.log.read_text(encoding="utf-8"))

    def kill(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


@pytest.fixture
def worker(environment: Path, pytestconfig: pytest.Config) -> Iterator[Worker]:
    """Start the worker of the manifest, and wait until it has a task."""
    if pytestconfig.getoption("--lane") == "eager":
        pytest.skip("a worker is a process of its own")
    create_app()
    # First: on filesystem://, a worker that reads a message while it is being written ends.
    make_report.delay(str(environment / "paper"))
    worker = Worker(COMMAND, environment / "worker.log")
    worker.says("received")
    yield worker
    worker.kill()


def test_a_task_ends_after_sigterm_to_the_main_process(worker: Worker, environment: Path) -> None:
    os.kill(worker.pid, signal.SIGTERM)
    worker.says("Warm shutdown")
    (environment / "paper").touch()
    worker.says("succeeded in")


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        (["sh", "-c", "true; PROGRAM; true"], False),
        (["sh", "-c", "true; exec PROGRAM"], True),
        (["bash", "-c", "true; PROGRAM; true"], False),
        (["bash", "-c", "true; exec PROGRAM"], True),
    ],
)
def test_what_a_shell_does_with_sigterm(words: list[str], *, heard: bool) -> None:
    command = shlex.join([sys.executable, "-c", PROGRAM])
    words = [word.replace("PROGRAM", command) for word in words]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as shell:
        pid = int(shell.stdout.readline())
        shell.terminate()
        assert shell.wait(10) == (0 if heard else -signal.SIGTERM)
        if not heard:
            os.kill(pid, signal.SIGKILL)  # it lives, and heard nothing
        assert shell.stdout.read() == ("warm shutdown\n" if heard else "")
