"""The settings of the shop."""

from os import environ
from pathlib import Path

broker_url = f"redis+socket://{Path('redis.sock').resolve()}"
task_ignore_result = True

# A message stays with the broker until its task has ended.
task_acks_late = True

# A task whose process has died is tried again.
task_retry_on_worker_lost = True
task_reject_on_worker_lost = True

# What a dead worker held is handed out again after this time, in seconds.
broker_transport_options = {
    "visibility_timeout": int(environ.get("VISIBILITY_TIMEOUT", "3600")),
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}

# A worker that must go waits for its tasks, in seconds, and then gives them back.
worker_soft_shutdown_timeout = 1
