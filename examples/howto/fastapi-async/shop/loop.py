"""One event loop for each worker process, in a thread of its own."""

import asyncio
from collections.abc import Coroutine
from threading import Lock, Thread
from typing import Any, TypeVar

from celery.signals import worker_process_shutdown, worker_shutdown

from shop import partners

T = TypeVar("T")


class LoopThread(Thread):
    """A thread that runs an event loop until somebody stops the loop."""

    def __init__(self) -> None:
        """Make the loop."""
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()

    def run(self) -> None:
        """Run the loop."""
        self.loop.run_forever()
        self.loop.close()


_lock = Lock()
_threads: list[LoopThread] = []


def get_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; the first task starts it, which is after the fork."""
    with _lock:
        if not _threads:
            _threads.append(LoopThread())
            _threads[0].start()
        return _threads[0].loop


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop, and wait for it."""
    future = asyncio.run_coroutine_threadsafe(coroutine, get_loop())
    try:
        return future.result()
    finally:
        future.cancel()  # does nothing, unless a time limit has interrupted the wait


@worker_process_shutdown.connect  # in each process of the prefork pool
@worker_shutdown.connect  # in the worker itself, for the pools solo and threads
def stop(**_: object) -> None:
    """Close what lives on the loop, then stop it."""
    if _threads:
        run(partners.close())
        thread = _threads.pop()
        thread.loop.call_soon_threadsafe(thread.loop.stop)
        thread.join()
