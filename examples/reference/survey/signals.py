"""Let every signal fire, and see in which process: `python -m survey.signals`."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from celery import Celery

from survey.common import (
    FOLDER,
    Table,
    celery,
    celery_settings,
    code,
    main,
    ready,
    redis,
    wait_for,
)

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ORDER = [
    "on_configure",
    "on_after_configure",
    "on_after_finalize",
    "before_task_publish",
    "after_task_publish",
    "celeryd_init",
    "setup_logging",
    "after_setup_logger",
    "after_setup_task_logger",
    "celeryd_after_setup",
    "worker_init",
    "worker_before_create_process",
    "worker_process_init",
    "worker_ready",
    "heartbeat_sent",
    "task_received",
    "task_prerun",
    "body",
    "task_success",
    "task_failure",
    "task_retry",
    "task_postrun",
    "task_revoked",
    "task_unknown",
    "task_rejected",
    "worker_shutting_down",
    "worker_process_shutdown",
    "worker_shutdown",
    "beat_init",
    "beat_embedded_init",
]
PROCESSES = ["sender", "main process", "child", "main process, a thread", "beat", "beat of `-B`"]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "survey.django_settings"}
APP = ("-A", "survey.signal_app:celery_app")


def lines(folder: Path) -> list[list[str]]:
    """Return what the handlers have noted."""
    path = folder / "signals"
    text = path.read_text() if path.exists() else ""
    return [line.split("\t") for line in text.splitlines()]


def send(folder: Path) -> None:
    """Send tasks of every kind, in a Flask request."""
    os.environ.update(SETTINGS | {FOLDER: str(folder)})
    import django

    from survey.signal_app import again, celery_app, fail, flask_app, killed, ok

    django.setup()  # as in every process of a Django project
    address = (folder / "redis").read_text()
    celery_app.conf.update(broker_url=address, result_backend=address)
    with flask_app.test_request_context():
        revoked = ok.apply_async(countdown=8)
        results = [ok.delay(), fail.delay(), again.delay(), killed.delay()]
        celery_app.send_task("nobody_knows_this")
    with celery_app.producer_pool.acquire() as producer:  # not a task at all
        producer.publish({}, routing_key="celery", exchange="celery")
    wait_for(lambda: all(result.ready() for result in results))
    revoked.revoke()
    wait_for(lambda: noted(folder, "task_revoked"))


def eager(folder: Path) -> list[list[str]]:
    """Return what is noted in eager mode, in a Flask request."""
    from survey.signal_app import celery_app, fail, flask_app, ok

    (folder / "signals").unlink()
    celery_app.conf.task_always_eager = True
    with flask_app.test_request_context():
        ok.delay()
        fail.delay()
    return lines(folder)


def stop(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Stop a program, and forget what it has printed."""
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: process.poll() is not None)
    (folder / "log").unlink()


def noted(folder: Path, name: str, process: str = "") -> bool:
    """Say whether a signal has fired, in this process or in any."""
    return any(line[0] == name and line[1].startswith(process) for line in lines(folder))


def run(folder: Path) -> list[list[str]]:
    """Run a worker, a sender and beat; return what was noted."""
    worker = (*APP, "worker", "-c", "1", "-l", "INFO", "--without-mingle")
    variables = {"MEASURE_PROGRAM": "worker", **SETTINGS}
    with celery(folder, *worker, **variables) as process:
        ready(folder)
        send(folder)
        wait_for(lambda: noted(folder, "heartbeat_sent") and noted(folder, "task_rejected"))
        stop(folder, process)
    beat = (*APP, "beat", "-s", str(folder / "beat"))
    with celery(folder, *beat, **{**variables, "MEASURE_PROGRAM": "beat"}) as process:
        wait_for(lambda: noted(folder, "after_task_publish", "beat"))
        stop(folder, process)
    both = (*worker, "-B", "-s", str(folder / "beat-embedded"))
    with celery(folder, *both, MEASURE_LOGGING="1", **variables):
        wait_for(lambda: noted(folder, "setup_logging") and noted(folder, "beat_embedded_init"))
    return lines(folder)


def in_pool(pool: str) -> list[list[str]]:
    """Return what is noted by a worker with another pool."""
    worker = (*APP, "worker", "-c", "1", "-l", "INFO", "--without-mingle", "-P", pool)
    variables = {"MEASURE_PROGRAM": "worker", **SETTINGS}
    with redis() as folder, celery(folder, *worker, **variables) as process:
        ready(folder)
        sender = Celery("sender", set_as_current=False)
        sender.conf.update(celery_settings(folder))
        sender.send_task("ok")
        wait_for(lambda: noted(folder, "task_postrun"))
        stop(folder, process)
        return lines(folder)


def rows_of(found: list[list[str]], *names: str) -> list[list[str]]:
    """Return a row for each signal that has fired, in order: its processes, and what there was."""
    rows = []
    for name in names:
        places = sorted({tuple(line[1:]) for line in found if line[0] == name}, key=place_of)
        if places:
            text = "the body of a task" if name == "body" else code(name)
            rows.append([text, "; ".join(in_words(*place) for place in places)])
    return rows


def place_of(place: tuple[str, ...]) -> int:
    """Return where a process stands in a cell."""
    return PROCESSES.index(place[0])


def in_words(process: str, flask: str, django: str) -> str:
    """Say what is unusual in a process: something of Flask's, or Django without its apps."""
    text = process if flask == "none" else f"{process}, **with {flask}**"
    return text if django == "ready" else f"{text}, **before Django's apps are ready**"


def with_beat(line: list[str]) -> list[str]:
    """Name the process in which `worker -B` has its beat."""
    embedded = line[0].startswith("beat_") and line[1] == "child"
    return [line[0], "beat of `-B`", *line[2:]] if embedded else line


def measure() -> dict[str, Table]:
    """Return the tables of the signals."""
    with redis() as folder:
        everywhere = [with_beat(line) for line in run(folder)]
        in_eager = eager(folder)
    names = ("worker_process_init", "task_prerun", "worker_process_shutdown")
    pools = []
    for pool in ("prefork", "threads", "solo"):
        found = in_pool(pool)
        cells = [rows_of(found, name) for name in names]
        pools.append([code(pool), *(cell[0][1] if cell else "does not fire" for cell in cells)])
    return {
        "all": {"head": ["Signal", "Process"], "rows": rows_of(everywhere, *ORDER)},
        "pools": {"head": ["Pool", *map(code, names)], "rows": pools},
        "eager": {"head": ["In eager mode fires", "Where"], "rows": rows_of(in_eager, *ORDER)},
    }


if __name__ == "__main__":
    main("signals", measure, "celery", "flask", "django")
