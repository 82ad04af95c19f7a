"""What the gevent pool does on RabbitMQ: `python -m compare.greenlets AMQP` prints its cell as JSON."""

from __future__ import annotations

import json
import sys
import time
from uuid import uuid4

from compare.probe import worker

TASKS = 600
SECONDS = 5  # five times what the fast versions take


def main() -> None:
    """Print the cell."""
    settings = {
        "broker_url": sys.argv[1],
        "task_default_queue": f"compare-{uuid4().hex}",
        "task_ignore_result": True,
    }
    with worker(settings, "-P", "gevent", "-c", "20", "-n", f"{uuid4().hex}@g") as running:
        running.started()
        with running.app.connection_for_write() as connection:
            for _ in range(TASKS):
                running.app.send_task("add", [1, 2], connection=connection)
            time.sleep(SECONDS)
            done = running.log().count(" succeeded in ")
            connection.default_channel.queue_delete(settings["task_default_queue"])
    all_done = done == TASKS
    cell = "all" if all_done else "not half" if 2 * done < TASKS else "half"
    row = f"RabbitMQ, `-P gevent`: of {TASKS}, after {SECONDS} s"
    sys.stdout.write(json.dumps({row: cell}) + "\n")


if __name__ == "__main__":
    main()
