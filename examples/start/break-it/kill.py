"""Take orders, as send.py does, and kill what has them: `python kill.py process 4`.

The first word is process, worker, deploy or broker.
"""

import os
import signal
import sys
from contextlib import suppress
from time import monotonic, sleep

from send import send
from shop import app, broker

GRACE = 5.0  # seconds between SIGTERM and SIGKILL of a deploy


def kill_process() -> None:
    """Kill the pool process that works on order 1."""
    os.kill(wait_for_orders()[1], signal.SIGKILL)


def kill_worker() -> None:
    """Kill the worker with all its processes."""
    wait_for_orders()
    for pid in worker_processes():
        os.kill(pid, signal.SIGKILL)


def deploy() -> None:
    """Ask the worker to end, and kill what is left of it after the grace period."""
    wait_for_orders()
    main, *pool = worker_processes()
    os.kill(main, signal.SIGTERM)
    deadline = monotonic() + GRACE
    while is_alive(main) and monotonic() < deadline:
        sleep(0.05)
    for pid in (main, *pool):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def kill_broker() -> None:
    """Kill Redis."""
    os.kill(broker.info("server")["process_id"], signal.SIGKILL)


def wait_for_orders() -> dict[int, int]:
    """Wait until orders 1 and 2 are worked on; return the process ids, by order."""
    while True:
        workers = app.control.inspect(limit=1).active() or {}
        tasks = [task for tasks in workers.values() for task in tasks]
        processes = {task["args"][0]: task["worker_pid"] for task in tasks}
        if {1, 2} <= processes.keys():
            sleep(0.3)  # the worker also takes messages in advance
            return processes
        sleep(0.05)


def worker_processes() -> list[int]:
    """Return the process ids of the worker, that of its main process first."""
    (stats,) = app.control.inspect(limit=1).stats().values()
    return [stats["pid"], *stats["pool"]["processes"]]


def is_alive(pid: int) -> bool:
    """Say whether there is such a process."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


WAYS = {
    "process": kill_process,
    "worker": kill_worker,
    "deploy": deploy,
    "broker": kill_broker,
}

if __name__ == "__main__":
    way, orders, *seconds = sys.argv[1:]
    send(int(orders), *map(float, seconds))
    WAYS[way]()
