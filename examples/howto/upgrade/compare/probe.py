"""What one installed version does: `python -m compare.probe REDIS AMQP` prints its cells as JSON, by their rows."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from celery import Celery
from celery.app.defaults import DEFAULTS
from kombu import Queue
from kombu.exceptions import EncodeError

from compare.app import NOTES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parents[1]
QUORUM = "RabbitMQ: `task_default_queue_type`"
SECONDS = 30  # until something must have happened, also on a busy machine


def new(**settings: object) -> Celery:
    """Return an app that keeps its messages in this process."""
    app = Celery("probe", broker="memory://", backend="cache+memory://", set_as_current=False)
    # A worker of the same process, as tests have one, must not take its messages.
    app.conf.task_default_queue = "probe"
    app.conf.update(settings)
    return app


def wait_for(condition: Callable[[], Any], seconds: float = SECONDS) -> bool:
    """Wait until the condition holds; say whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Worker:
    """A worker in a process group of its own, with its log and the notes of its tasks."""

    def __init__(self, settings: dict[str, Any], *options: str) -> None:
        """Start it."""
        self.folder = tempfile.TemporaryDirectory(prefix="compare-", ignore_cleanup_errors=True)
        self.log_file = Path(self.folder.name, "log")
        self.notes_file = Path(self.folder.name, "notes")
        self.notes_file.touch()
        self.app = Celery("sender", set_as_current=False)
        self.app.conf.update(settings)
        command = [str(Path(sys.executable).with_name("celery")), "-A", "compare.app", "worker"]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "-l", "INFO", "--without-mingle", "--without-gossip", *options],
                cwd=HERE,
                env={**os.environ, SETTINGS: json.dumps(settings), NOTES: str(self.notes_file)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self) -> str:
        """Return what it has printed."""
        return self.log_file.read_text(errors="replace")

    def count(self, word: str) -> int:
        """Return how often its tasks have noted this."""
        return self.notes_file.read_text().split().count(word)

    def started(self) -> bool:
        """Wait until it is ready or has ended; say which."""
        wait_for(lambda: " ready." in self.log() or self.process.poll() is not None)
        return " ready." in self.log() and self.process.poll() is None

    def end(self) -> None:
        """End it and all its processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


@contextlib.contextmanager
def worker(settings: dict[str, Any], *options: str) -> Iterator[Worker]:
    """Run a worker until the block ends."""
    running = Worker(settings, *options)
    try:
        yield running
    finally:
        running.end()


def in_process() -> Iterator[tuple[str, str]]:
    """Yield what needs no worker."""
    yield "oldest Python", metadata("celery")["Requires-Python"].removeprefix(">=")
    commit = find_spec("celery.contrib.django") is not None
    yield "`delay_on_commit()` in Django", "yes" if commit else "no"

    if find_spec("pydantic"):
        from compare.models import Order, receiver  # not in each environment

        receive = receiver(new())
        yield "`pydantic=True`: the task gets", receive.apply(args=[{"pk": 1}]).get()
        try:
            receive.delay(Order(pk=1))
        except EncodeError:
            yield "…and `.delay(model)`", "fails"
        else:
            yield "…and `.delay(model)`", "works"

    def one() -> None:
        pass

    def two() -> None:
        pass

    app = new()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for function in (one, two):
            app.task(function, name="one name", shared=False)  # for this app alone
        app.finalize()
    names = {warning.category.__name__ for warning in caught}
    yield (
        "two tasks with one name",
        "a warning" if "DuplicateTaskNameWarning" in names else "no word",
    )


def on_redis(url: str) -> Iterator[tuple[str, str]]:
    """Yield what workers do whose broker is this Redis."""
    queue = uuid4().hex
    settings: dict[str, Any] = {
        "broker_url": url,
        "result_backend": url,
        "task_default_queue": queue,
    }
    with worker(settings, "-c", "1") as running:
        running.started()
        warned = "CPendingDeprecationWarning" in running.log()
        yield "a worker warns of `broker_connection_retry_on_startup`", "yes" if warned else "no"
        result = running.app.send_task("die")
        result.get(timeout=SECONDS, propagate=False)
        begun = running.count("begin")
        yield ("`retry_on_worker_lost`: a task that dies begins", "once" if begun == 1 else "twice")

    with worker({**settings, "worker_soft_shutdown_timeout": 20}, "-c", "1") as running:
        running.started()
        running.app.send_task("slow", [3])
        wait_for(lambda: running.count("begin"))
        os.kill(running.process.pid, signal.SIGQUIT)
        wait_for(lambda: running.process.poll() is not None)
        ended = "ends" if running.count("end") else "is killed"
        yield "`worker_soft_shutdown_timeout`: at SIGQUIT a task", ended

    settings = {**settings, "worker_eta_task_limit": 4, "worker_prefetch_multiplier": 1}
    with worker(settings, "-c", "1") as running:
        running.started()
        for _ in range(12):
            running.app.send_task("add", [1, 1], countdown=600)
        time.sleep(3)
        scheduled = running.app.control.inspect(timeout=3).scheduled() or {"": []}
        held = len(next(iter(scheduled.values())))
        yield "`worker_eta_task_limit=4`: of 12 it holds", str(held)
        running.app.control.purge()


def on_rabbitmq(url: str) -> Iterator[tuple[str, str]]:
    """Yield what workers do whose broker is this RabbitMQ.

    Raises:
        RuntimeError: if a worker ends for another reason than the one that is asked for.

    """
    name = f"compare-{uuid4().hex}"
    settings = {"broker_url": url, "task_default_queue": name}
    options = ("-P", "solo", "-n", f"{name}@one")
    with worker(settings, *options) as first:
        first.started()
        with worker(settings, *options) as second:
            second.started()
            time.sleep(3)
            code = second.process.poll()
            if code and "ResourceLocked" not in second.log():
                raise RuntimeError(second.log())
            says = "starts" if code is None else "ends"
            yield "RabbitMQ: a second worker of one name", says
    quorum = Queue(name + "-quorum", queue_arguments={"x-queue-type": "quorum"})
    app = Celery("quorum", broker=url, set_as_current=False)
    with app.connection_for_write() as connection:
        bound = quorum(connection.default_channel)
        bound.declare()
        try:
            yield from on_a_quorum_queue({"broker_url": url, "task_default_queue": quorum.name})
        finally:
            bound.delete()
            connection.default_channel.queue_delete(name)


def on_a_quorum_queue(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a worker does with a quorum queue."""
    settings = {**settings, "task_default_queue_type": "quorum", "result_backend": "rpc://"}
    if "task_default_queue_type" not in DEFAULTS:  # the older ones need the queue in their settings
        yield QUORUM, "no"
        return
    with worker(settings, "-P", "solo", "-n", f"{settings['task_default_queue']}@two") as running:
        running.started()
        works = running.app.send_task("add", [1, 2]).get(timeout=SECONDS)
        yield QUORUM, "yes" if works else "no"


def main() -> None:
    """Print the cells."""
    redis, amqp = sys.argv[1:]
    cells = dict(in_process())
    if redis != "none":
        cells.update(on_redis(redis))
    if amqp != "none":
        cells.update(on_rabbitmq(amqp))
    sys.stdout.write(json.dumps(cells, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
