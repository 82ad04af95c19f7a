"""The faults: each function sends tasks, breaks something while they are done, and waits until it is quiet again."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from celery import Celery
from kombu.exceptions import OperationalError

from measure.brokers import PostgreSQL, Redis
from measure.drills.stage import CHILDREN
from measure.proxy import Proxy
from verify.services import Missing

if TYPE_CHECKING:
    from measure.drills.stage import Stage
    from measure.processes import Program

KILLS = 10
GAP_KILLS = 30
COUNTDOWN = 12  # seconds
POISON_SECONDS = 12  # that a poison task is watched after all others are done
LONG = 4 * CHILDREN  # tasks that a worker holds when it is told to stop: its prefetch count
LONG_SECONDS = 4.0
MEMORY = 400 << 20  # bytes that a worker may use before the kernel kills a process of it
MEMORY_GROUP = f"drill{os.getpid()}"
MEMORY_GROUPS = {  # where the kernel keeps the limits: cgroups version 1 and 2
    Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes",
    Path("/sys/fs/cgroup"): "memory.max",
}


def kill_children(stage: Stage) -> None:
    """`kill -9` of ten random pool processes, one after the other, while the worker goes on."""
    stage.publish(range(stage.size))
    with stage.worker() as worker:
        for kill in range(KILLS):
            stage.until_done(0.8 * (kill + 1) / (KILLS + 1))
            os.kill(stage.random.choice(worker.children()), signal.SIGKILL)
        stage.settle()


def kill_workers(stage: Stage) -> None:
    """`kill -9` of the worker with all its processes, three times; each time a new one is started."""
    stage.publish(range(stage.size))
    for kill in range(3):
        with stage.worker():
            stage.until_done(0.8 * (kill + 1) / 4)
    with stage.worker():
        stage.settle()


def kill_parents(stage: Stage) -> None:
    """`kill -9` of the worker's main process only, three times; its children are orphans then."""
    stage.publish(range(stage.size))
    for kill in range(3):
        with stage.worker() as worker:
            stage.until_done(0.8 * (kill + 1) / 4)
            worker.send(signal.SIGKILL)
            worker.process.wait()
            time.sleep(1)
    with stage.worker():
        stage.settle()


def terminate(stage: Stage) -> None:
    """SIGTERM in the middle of many short tasks: a warm shutdown. Then a new worker."""
    stage.publish(range(stage.size))
    with stage.worker() as worker:
        stage.until_done(0.3)
        stop(stage, worker, signal.SIGTERM)
    with stage.worker():
        stage.settle()


def stop(stage: Stage, worker: Program, number: signal.Signals, patience: float = 120) -> None:
    """Send a signal, and note how long the worker takes to end; kill it when patience is over."""
    begin = time.monotonic()
    worker.send(number)
    worker.ended(patience)
    worker.kill()
    stage.facts["seconds_to_stop"] = round(time.monotonic() - begin, 1)


def stop_long_tasks(
    stage: Stage, number: signal.Signals, patience: float = 120, **variables: str
) -> None:
    """Stop a worker that has just begun long tasks; short ones wait behind them. Then a new worker."""
    stage.publish(range(LONG), seconds=LONG_SECONDS)
    stage.publish(range(LONG, stage.size))
    with stage.worker(variables) as worker:
        stage.until(lambda: len(stage.counts("start")) == CHILDREN)
        time.sleep(0.5)
        stop(stage, worker, number, patience)
    with stage.worker():
        stage.settle(more=LONG_SECONDS)


def terminate_then_kill(stage: Stage) -> None:
    """SIGTERM, and SIGKILL two seconds later, as a container platform with a short grace period does."""
    stop_long_tasks(stage, signal.SIGTERM, patience=2)


def quit_worker(stage: Stage) -> None:
    """SIGQUIT: a cold shutdown."""
    stop_long_tasks(stage, signal.SIGQUIT)


def quit_softly(stage: Stage) -> None:
    """SIGTERM with `REMAP_SIGTERM=SIGQUIT` and a soft shutdown of one second; SIGKILL after ten."""
    stop_long_tasks(stage, signal.SIGTERM, patience=10, REMAP_SIGTERM="SIGQUIT")


def out_of_memory(stage: Stage) -> None:
    """Ten tasks take all memory of the worker's control group; the kernel kills their processes.

    Raises:
        Missing: if this user may not limit memory.

    """
    numbers = range(KILLS)
    stage.publish(numbers, task="greedy")
    stage.publish(range(KILLS, stage.size))
    group = memory_group(f"{MEMORY_GROUP}_{stage.number}")
    try:
        with stage.worker() as worker:
            for pid in (worker.pid, *worker.children()):
                (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
            stage.settle(more=10)
    finally:
        stage.until(lambda: removed(group))


def removed(group: Path) -> bool:
    """Remove a control group; the kernel refuses while a process of it is on its way out."""
    try:
        group.rmdir()
    except OSError:
        return False
    return True


def memory_group(name: str) -> Path:
    """Make a control group with a limit of memory.

    Raises:
        Missing: if this user may not.

    """
    for parent, file in MEMORY_GROUPS.items():
        group = parent / name
        try:
            group.mkdir()
            (group / file).write_text(str(MEMORY), encoding="ascii")
        except OSError:
            continue
        return group
    raise Missing("limiting a worker's memory needs root and the memory control group of Linux")


def remove_memory_groups() -> None:
    """Remove what an interrupted run has left; its processes are gone."""
    for parent in MEMORY_GROUPS:
        for group in parent.glob(f"{MEMORY_GROUP}_*"):
            removed(group)


def poisoned(stage: Stage) -> None:
    """One task kills its process each time it runs."""
    stage.publish(range(1), task="poison")
    stage.publish(range(1, stage.size))
    with stage.worker():
        stage.until(lambda: len(stage.counts()) == stage.size - 1)
        time.sleep(POISON_SECONDS)
    stage.facts["starts_of_the_poison"] = stage.counts("start")[0]


def restart_broker(stage: Stage, *, kill: bool) -> None:
    """End the broker in the middle of the work, and start it after two seconds."""
    stage.publish(range(stage.size))
    time.sleep(1.5)  # an append-only file is written once a second
    with stage.supervised_worker():
        stage.until_done(0.3)
        end(stage, kill=kill)
        time.sleep(2)
        stage.broker.start()
        stage.settle(more=10)


def end(stage: Stage, *, kill: bool) -> None:
    """Kill the broker, or ask it to end."""
    if kill:
        stage.broker.kill()
    else:
        stage.broker.stop()


def stop_broker(stage: Stage) -> None:
    """SIGTERM to the broker in the middle of the work; it is started again."""
    restart_broker(stage, kill=False)


def kill_broker(stage: Stage) -> None:
    """`kill -9` of the broker in the middle of the work; it is started again."""
    restart_broker(stage, kill=True)


def kill_broker_while_publishing(stage: Stage) -> None:
    """`kill -9` of the broker while an application sends without pause and goes on past errors."""
    sender = threading.Thread(target=stage.publish_for, args=(6.0,))
    sender.start()
    time.sleep(3)
    stage.broker.kill()
    time.sleep(1)
    stage.broker.start()
    sender.join()
    with stage.worker():
        stage.settle(more=6)


def silent_broker(stage: Stage) -> None:
    """Take connections and say nothing for five seconds, in the middle of the work, in place of the broker."""
    with Proxy(stage.broker.url()) as proxy:
        stage.reach_broker_at(proxy.port)
        stage.publish(range(stage.size))
        with stage.worker():
            stage.until_done(0.3)
            proxy.silent = True
            time.sleep(5)
            proxy.silent = False
            stage.settle(more=10)


def kill_result_backend(stage: Stage) -> None:
    """Kill the result backend, a Redis of its own, in the middle of the work; it stays away."""
    with Redis(stage.folder / "results") as results:
        stage.settings["result_backend"] = results.url()  # of the workers
        stage.publish(range(stage.size))
        with stage.worker():
            stage.until_done(0.3)
            results.kill()
            stage.facts |= seconds_to_publish(stage, results.url())
            stage.settle(more=25)


def seconds_to_publish(stage: Stage, result_backend: str) -> dict[str, str | float]:
    """Send one task from an app whose result backend is dead; return how that ended, and after how many seconds."""
    with Celery("sender", set_as_current=False) as app:
        app.conf.update(stage.settings, result_backend=result_backend)
        begin = time.monotonic()
        try:
            app.send_task("work", args=(stage.size, 0.0), ignore_result=app.conf.task_ignore_result)
            ended = "sent"
        except (OperationalError, RuntimeError) as exc:
            ended = type(exc).__name__
        return {"publishing": ended, "seconds_to_publish": round(time.monotonic() - begin, 1)}


def restart_database(stage: Stage) -> None:
    """PostgreSQL is restarted while every task writes a row; the task fails at the first error."""
    restart_database_under(stage, "insert")


def restart_database_and_retry(stage: Stage) -> None:
    """PostgreSQL is restarted while every task writes a row; the task has `autoretry_for`."""
    restart_database_under(stage, "insert_again")


def restart_database_under(stage: Stage, task: str) -> None:
    """Restart PostgreSQL while a task writes rows."""
    import psycopg

    with PostgreSQL(stage.folder / "postgresql") as database:
        with psycopg.connect(database.url()) as connection:
            connection.execute("CREATE TABLE work (number int)")
        stage.variables["DRILL_DATABASE"] = database.url()
        stage.publish(range(stage.size), task=task)
        with stage.worker():
            stage.until_done(0.3)
            database.stop()
            time.sleep(1)
            database.start()
            stage.settle(more=6)


def kill_busy_workers(stage: Stage) -> None:
    """`kill -9` of the worker with all its processes, thirty times, among tasks that take no time."""
    stage.publish(range(stage.size), seconds=0.0)
    for kill in range(GAP_KILLS):
        with stage.worker(wait=False):
            stage.until_done(0.9 * (kill + 1) / GAP_KILLS)
    with stage.worker():
        stage.settle()


def late_tasks(stage: Stage) -> None:
    """Tasks with a countdown of twelve seconds, and a visibility timeout of five; two workers."""
    with stage.worker(), stage.worker():
        stage.publish(range(stage.size), seconds=0.0, countdown=COUNTDOWN)
        stage.until(lambda: len(stage.counts()) == stage.size)
        time.sleep(COUNTDOWN)  # what is done a second time now counts, too


# A worker holds tasks for seconds here, most of them untouched.
LONG_TASKS = (terminate_then_kill, quit_worker, quit_softly)
