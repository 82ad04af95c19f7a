"""Where one drill happens: a broker, a queue of its own, workers, and the record of what was done."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from celery import Celery
from kombu.exceptions import OperationalError

from measure.brokers import RabbitMQ, Redis
from measure.processes import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
CHILDREN = 4  # processes of a worker's pool
SECONDS = 0.02  # that a task works
LIMIT = 300  # seconds after which a drill gives up


@dataclass(frozen=True)
class Outcome:
    """What became of the tasks of one drill."""

    sent: int  # `.delay()` returned
    once: int  # done exactly once
    twice: int  # done more than once
    waiting: int  # not done; the broker still has them, but hands them to nobody
    lost: int  # not done, and nowhere
    starts: int  # how often a task began

    def __add__(self, other: Outcome) -> Outcome:
        """Add up two runs."""
        return Outcome(*(a + b for a, b in zip(self.row(), other.row(), strict=True)))

    def row(self) -> tuple[int, ...]:
        """Return the numbers in their order."""
        return (self.sent, self.once, self.twice, self.waiting, self.lost, self.starts)


@dataclass
class Stage:
    """One drill's broker, queue, folder and size."""

    folder: Path
    broker: Redis | RabbitMQ
    settings: dict[str, Any]
    size: int  # tasks
    number: int  # of the drill in this run: its database in Redis, its queue
    variables: dict[str, str] = field(default_factory=dict)  # for the worker
    sent: list[int] = field(default_factory=list)
    quiet: float = 6.0  # seconds without news after which nothing more is expected
    facts: dict[str, Any] = field(default_factory=dict)  # what else the drill has measured
    random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - which child dies

    def __post_init__(self) -> None:
        """Make the folder and the app that publishes."""
        self.folder.mkdir(parents=True)
        self.record = self.folder / "record"
        self.record.touch()
        self.queue = f"drill{self.number}"
        self.settings = {
            "broker_url": self.broker.url(self.number),
            "task_default_queue": self.queue,
            "broker_connection_retry_on_startup": True,
            **self.settings,
        }
        self.supervised: Program | None = None
        self.app = Celery("drill", set_as_current=False)
        self.app.conf.update(self.settings)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the connections that published."""
        self.app.close()

    def publish(
        self, numbers: range, task: str = "work", seconds: float = SECONDS, countdown: float = 0.0
    ) -> None:
        """Send tasks, and remember those that the broker took."""
        for number in numbers:
            self.app.send_task(task, args=(number, seconds), countdown=countdown)
            self.sent.append(number)

    def publish_for(self, seconds: float) -> None:
        """Send tasks without pause, at least `size`, as an application does that goes on when one could not be sent."""
        deadline = time.monotonic() + seconds
        number = 0
        while time.monotonic() < deadline or len(self.sent) < self.size:
            number += 1
            with contextlib.suppress(OperationalError, OSError):
                self.publish(range(number, number + 1), seconds=0.0)

    def use(self, **settings: object) -> None:
        """Change settings, for those who publish and for the workers to come."""
        self.settings.update(settings)
        self.app.conf.update(settings)

    def reach_broker_at(self, port: int) -> None:
        """Go to the broker through another port, that of a proxy."""
        own = f":{self.broker.port}/"
        self.use(broker_url=self.settings["broker_url"].replace(own, f":{port}/"))

    def worker(
        self, variables: Mapping[str, str] = MappingProxyType({}), *, wait: bool = True
    ) -> Program:
        """Start a worker with four child processes, and wait until it is ready."""
        log = self.folder / f"worker{len(list(self.folder.glob('worker*')))}.log"
        command = [sys.executable, "-m", "celery", "-A", "measure.drills.tasks", "worker"]
        command += ["--concurrency", str(CHILDREN), "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle"]  # they delay the start by a second
        command += ["--hostname", f"{self.queue}_{log.stem}@localhost"]
        environment = {
            **os.environ,
            **self.variables,
            **variables,
            "DRILL_RECORD": str(self.record),
            "DRILL_SETTINGS": json.dumps(self.settings),
            "PYTHONPATH": str(ROOT),
        }
        program = Program(command, self.folder, environment, log)
        if wait:
            self.until(lambda: " ready." in log.read_text(encoding="utf-8"))
        return program

    @contextlib.contextmanager
    def supervised_worker(self) -> Iterator[None]:
        """Run a worker that settle() starts again when it has ended, as systemd does with `Restart=always`."""
        with contextlib.ExitStack() as self.workers:
            self.supervised = self.workers.enter_context(self.worker())
            self.facts["workers_ended"] = 0
            yield
            self.supervised = None

    def supervise(self) -> None:
        """Start the supervised worker again if it has ended."""
        if self.supervised is not None and self.supervised.ended(0):
            self.facts["workers_ended"] += 1
            self.supervised = self.workers.enter_context(self.worker(wait=False))

    def counts(self, word: str = "done") -> Counter[int]:
        """Return how often each task has started or was done so far."""
        lines = self.record.read_text(encoding="ascii").splitlines()
        return Counter(int(line.split()[1]) for line in lines if line.startswith(word))

    def until(self, condition: Callable[[], bool], seconds: float = LIMIT) -> None:
        """Wait for something.

        Raises:
            TimeoutError: if it does not happen in time; the message has the end of the worker's log.

        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                logs = sorted(self.folder.glob("*.log"))
                end = logs[-1].read_text(encoding="utf-8")[-3000:] if logs else ""
                message = f"drill {self.number}: nothing after {seconds:.0f} s\n{end}"
                raise TimeoutError(message)
            time.sleep(0.02)

    def until_done(self, part: float) -> None:
        """Wait until a part of the tasks is done: 0.5 is half of them."""
        self.until(lambda: len(self.counts()) >= part * self.size)

    def settle(self, more: float = 0.0) -> None:
        """Wait until every task is done, or nothing has happened for `quiet` and some more seconds."""
        quiet = self.quiet + more
        last, since = -1, time.monotonic()
        while len(self.counts()) < len(set(self.sent)) and time.monotonic() - since < quiet:
            self.supervise()
            size = self.record.stat().st_size
            if size != last:
                last, since = size, time.monotonic()
            time.sleep(0.05)
        time.sleep(0.5)  # what is done a second time now counts, too

    def outcome(self) -> Outcome:
        """Count; no worker may run any more."""
        # A task whose sending failed may have arrived all the same; it is not counted.
        sent = set(self.sent)
        done = {number: times for number, times in self.counts().items() if number in sent}
        missing = sent - done.keys()
        waiting = missing & self.broker.waiting(self.queue, self.number).keys()
        return Outcome(
            sent=len(self.sent),
            once=sum(1 for times in done.values() if times == 1),
            twice=sum(1 for times in done.values() if times > 1),
            waiting=len(waiting),
            lost=len(missing - waiting),
            starts=self.counts("start").total(),
        )


def settings_with(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Put settings together; dictionaries in them are merged."""
    merged: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            old = merged.get(name)
            merged[name] = {**old, **value} if isinstance(old, dict) else value
    return merged
