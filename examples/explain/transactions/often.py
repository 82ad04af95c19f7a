"""A program: how often is the worker faster? It asks Redis and PostgreSQL, and prints a table.

``REDIS_URL`` and ``DATABASE_URL`` name the servers. With ``--write``, the table also goes to ``often.md``.
"""

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg
from cases import wait_for
from celery import Celery
from redis import Redis

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://shop@127.0.0.1/shop")
PREFIX = {"global_keyprefix": "commit-race:"}
CREATE = "CREATE TABLE IF NOT EXISTS commit_race (id bigserial PRIMARY KEY)"
INSERT = "INSERT INTO commit_race DEFAULT VALUES RETURNING id"
SELECT = "SELECT 1 FROM commit_race WHERE id = %s"
DROP = "DROP TABLE commit_race"
TASKS = 100
PAUSES = (0, 1, 5, 20)  # milliseconds
WORKER = ["-m", "celery", "-A", "often", "worker", "--concurrency", "1", "--without-mingle"]
TABLE_FILE = Path(__file__).with_name("often.md")

celery_app = Celery("often", broker=REDIS_URL, backend=REDIS_URL, set_as_current=False)
celery_app.conf.update(
    broker_transport_options=PREFIX, result_backend_transport_options=PREFIX, result_expires=60
)
connections: list[psycopg.Connection] = []  # one, opened by the first task


@celery_app.task(name="look")
def look(order_id: int) -> bool:
    """Say whether the worker sees the order."""
    if not connections:
        connections.append(psycopg.connect(DATABASE_URL, autocommit=True, connect_timeout=5))
    return connections[0].execute(SELECT, [order_id]).fetchone() is not None


def not_found(web: psycopg.Connection, pause: int) -> int:
    """Send, wait some milliseconds, commit; return how many of the tasks saw no row."""
    missing = 0
    for _ in range(TASKS):
        row = web.execute(INSERT).fetchone()
        result = look.delay(row[0])
        if pause:
            time.sleep(pause / 1000)
        web.commit()
        missing += not result.get(timeout=30)
        result.forget()
    return missing


def written(found: dict[int, int]) -> str:
    """Return the table."""
    names = ("celery", "redis", "psycopg")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    rows = [f"| {pause} ms | {missing} of {TASKS} |" for pause, missing in found.items()]
    seen = (
        f"Seen on {datetime.now(UTC):%Y-%m-%d} with {versions}, Python {platform.python_version()}, "
        f"Redis and PostgreSQL on the same machine, which has {os.cpu_count()} cores."
    )
    head = ["| Between `.delay()` and the commit | Tasks that find no row |", "| --- | --- |"]
    return "\n".join([*head, *rows, "", seen, ""])


def main() -> None:
    """Start a worker, and ask for each pause."""
    with (
        tempfile.NamedTemporaryFile() as output,
        psycopg.connect(DATABASE_URL, connect_timeout=5) as web,
    ):
        web.execute(CREATE)
        web.commit()
        command = [sys.executable, *WORKER, "--loglevel", "INFO"]
        worker = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            wait_for(Path(output.name), " ready.")
            first = look.delay(0)
            first.get(timeout=30)  # it opens the connection
            first.forget()
            found = {pause: not_found(web, pause) for pause in PAUSES}
        finally:
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait()
            web.rollback()
            web.execute(DROP)
            with Redis.from_url(REDIS_URL) as redis:
                for key in redis.scan_iter(f"{PREFIX['global_keyprefix']}*"):
                    redis.delete(key)
    sys.stdout.write(written(found))
    if "--write" in sys.argv:
        TABLE_FILE.write_text(written(found), encoding="utf-8")


if __name__ == "__main__":
    main()
