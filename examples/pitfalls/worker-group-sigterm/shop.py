"""Send SIGTERM to every process of a worker while a task runs."""

import os
import signal
import subprocess
import sys
import time

from celery import Celery

redis_url = os.environ["REDIS_URL"]
celery_app = Celery("shop", broker=redis_url, backend=redis_url)
celery_app.conf.task_default_queue = "catalogs"


@celery_app.task
def print_catalog() -> None:
    """Take long."""
    time.sleep(60)


if __name__ == "__main__":
    result = print_catalog.delay()
    name = "celery@catalogs"
    command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "-n", name]
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    with worker:
        while not (celery_app.control.inspect([name]).active() or {}).get(name):
            continue
        os.killpg(worker.pid, signal.SIGTERM)  # as systemd does without KillMode=mixed
        result.get(timeout=30)
