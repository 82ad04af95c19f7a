"""Which drills there are: a fault, a broker, settings, and what must come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from measure.drills import faults
from measure.drills.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from measure.brokers import RabbitMQ, Redis
    from measure.drills.stage import Outcome

SIZE = 1000  # tasks of a drill in a full run
SMALL_SIZE = 200
GAP_SIZE = 20_000
QUIET = 6.0  # seconds
# Visibility timeouts of the drills, in seconds. One must exceed the time that a worker holds a message.
HANDED_OUT_AGAIN = 8
HANDED_OUT_AGAIN_LONG = 20

LATE = {"task_acks_late": True}
REJECT = {**LATE, "task_reject_on_worker_lost": True}
RETRY: dict[str, Any] = {
    "task_retry_on_worker_lost": True,
    # The delay of such a retry is the task's own, three minutes by default.
    "task_annotations": {"*": {"default_retry_delay": 1}},
}
SOON = {
    "visibility_timeout": HANDED_OUT_AGAIN,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "late": LATE,
    "reject": REJECT,
    "retry": RETRY,
    "recommended": {**LATE, **RETRY, "worker_soft_shutdown_timeout": 1},
    "ignored": {"task_ignore_result": True},
    "short": {"broker_transport_options": {**SOON, "visibility_timeout": 5}},
}
CONFIRMED = {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}
RECOMMENDED: dict[str, dict[str, Any]] = {"redis": SOON, "rabbitmq": CONFIRMED}
WORKER_FAULTS = (
    faults.kill_children,
    faults.out_of_memory,
    faults.poisoned,
    faults.kill_workers,
    faults.kill_parents,
    faults.terminate,
    faults.terminate_then_kill,
    faults.quit_worker,
    faults.quit_softly,
)
SHARED = (("redis", "none"), ("rabbitmq", "classic"), ("rabbitmq", "quorum"))
OWN = (("redis", "none"), ("redis", "rdb"), ("redis", "aof"), *SHARED[1:])
LASTING = {"aof", "classic", "quorum"}  # these have every message on disk

BREAKING = (faults.stop_broker, faults.kill_broker, faults.kill_broker_while_publishing)
SMALL = {
    "out_of_memory-redis-none-default",
    "out_of_memory-redis-none-recommended",
    "kill_children-redis-none-recommended",
    "kill_children-rabbitmq-quorum-recommended",
    "poisoned-rabbitmq-classic-recommended",
    "kill_workers-redis-none-recommended",
    "kill_workers-rabbitmq-classic-recommended",
    "quit_softly-redis-none-recommended",
    "kill_broker-redis-aof-recommended",
    "kill_broker-rabbitmq-classic-recommended",
    "kill_broker_while_publishing-rabbitmq-classic-recommended",
    "silent_broker-redis-none-recommended",
    "restart_database_and_retry-redis-none-default",
}

Limits = dict[str, tuple[float, float]]  # of a number of the outcome: the least, the most


@dataclass(frozen=True)
class Cell:
    """One drill."""

    fault: Callable[[Stage], None]
    broker: str  # redis or rabbitmq
    kind: str  # of persistence (none, rdb, aof) or of queue (classic, quorum)
    settings: str  # a name
    own_broker: bool = False  # the fault breaks the broker, so nobody else may use it
    size: int = SIZE  # tasks
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return fault, broker and settings in one line."""
        return f"{self.fault.__name__}-{self.broker}-{self.kind}-{self.settings}"

    def celery_settings(self) -> dict[str, Any]:
        """Return the settings of Celery."""
        settings = dict(SETTINGS[self.settings])
        if self.kind == "quorum":
            settings["task_default_queue_type"] = "quorum"
        if self.settings == "recommended":
            settings["broker_transport_options"] = RECOMMENDED[self.broker]
            if self.waits():
                settings["broker_transport_options"] = {**SOON, "visibility_timeout": self.waits()}
        return settings

    def waits(self) -> int:
        """Return after how many seconds Redis hands a message out again; 0 where it does not within a drill."""
        if self.settings != "recommended" or self.broker != "redis":
            return 0
        return HANDED_OUT_AGAIN_LONG if self.fault in faults.LONG_TASKS else HANDED_OUT_AGAIN

    def quiet(self) -> float:
        """Return after how many seconds without news nothing more is expected."""
        return QUIET + (self.waits() + 2 if self.waits() else 0)

    def run(
        self, broker: Redis | RabbitMQ, folder: Path, number: int
    ) -> tuple[Outcome, dict[str, Any]]:
        """Send tasks, break something while they are done, wait, and count."""
        settings = self.celery_settings()
        with Stage(folder, broker, settings, self.size, number, quiet=self.quiet()) as stage:
            self.fault(stage)
            return stage.outcome(), stage.facts

    def objection(self, outcome: Outcome, facts: Mapping[str, Any]) -> str:
        """Say what must not have come out, or return nothing."""
        numbers = {**vars(outcome), **facts}
        if outcome.once + outcome.twice + outcome.waiting + outcome.lost != outcome.sent:
            return f"the outcomes do not add up: {outcome}"
        for what, (least, most) in self.limits.items():
            if not least <= numbers[what] <= most:
                return f"{what} is {numbers[what]}, and must be from {least} to {most}"
        return ""


def limits_of(fault: Callable[[Stage], None], broker: str, kind: str, settings: str) -> Limits:
    """Return what must come out: exact where no chance is involved, and nothing lost where we recommend it."""
    if fault is faults.poisoned:
        starts = {"default": (1, 1), "late": (1, 1), "reject": (5, 10_000)}
        return {"starts_of_the_poison": starts.get(settings, (4, 4))}
    if fault is faults.out_of_memory:
        lost = faults.KILLS if settings in {"default", "late"} else 0
        return {"lost": (lost, lost)}
    if settings == "recommended" and (
        fault in {*WORKER_FAULTS, faults.silent_broker} or kind in LASTING
    ):
        # Redis can lose what a worker has just taken; see the drill kill_busy_workers.
        gap = 3 if broker == "redis" and fault is not faults.kill_children else 0
        return {"lost": (0, gap), "waiting": (0, 0)}
    return {}


def cells() -> Iterator[Cell]:
    """Return every drill of the table."""
    wanted: list[tuple[Callable[[Stage], None], Iterable[tuple[str, str]], Iterable[str]]] = [
        (fault, SHARED, ("default", "late", "reject", "retry", "recommended"))
        for fault in WORKER_FAULTS
    ]
    wanted += [
        (faults.stop_broker, OWN, ("default", "recommended")),
        (faults.kill_broker, OWN, ("default", "recommended")),
        (faults.kill_broker_while_publishing, OWN, ("default", "recommended")),
        (faults.silent_broker, SHARED, ("default", "recommended")),
        (faults.kill_result_backend, SHARED[:2], ("default", "ignored")),
        (faults.restart_database, SHARED[:2], ("default",)),
        (faults.restart_database_and_retry, SHARED[:2], ("default",)),
        (faults.late_tasks, SHARED[:2], ("default",)),
        (faults.late_tasks, SHARED[:1], ("short",)),
        (faults.kill_busy_workers, SHARED[:2], ("reject",)),
    ]
    for fault, brokers, settings in wanted:
        for broker, kind in brokers:
            for name in settings:
                limits = limits_of(fault, broker, kind, name)
                size = GAP_SIZE if fault is faults.kill_busy_workers else SIZE
                yield Cell(fault, broker, kind, name, fault in BREAKING, size, limits)


def small_cells() -> list[Cell]:
    """Return the drills that continuous integration runs: one for each promise that a page makes."""
    chosen = [cell for cell in cells() if cell.name in SMALL]
    return [replace(cell, size=SMALL_SIZE) for cell in chosen]
