"""What the site shows of the drills: charts and tables, in the form that docs/_ext reads."""

from __future__ import annotations

from typing import Any

from measure.drills import faults, shop
from measure.drills.cells import SHARED, WORKER_FAULTS

Row = dict[str, Any]
Chart = dict[str, Any]

SERIES = ["once", "twice", "waiting", "lost"]
BROKERS = {
    ("redis", "none"): "Redis",
    ("rabbitmq", "classic"): "RabbitMQ, classic queue",
    ("rabbitmq", "quorum"): "RabbitMQ, quorum queue",
}
OWN_BROKERS = {
    ("redis", "none"): "Redis that keeps nothing on disk",
    ("redis", "rdb"): "Redis with its default snapshots",
    ("redis", "aof"): "Redis with an append-only file",
    **dict(list(BROKERS.items())[1:]),
}
SETTINGS = {
    "default": "Celery's defaults",
    "late": "task_acks_late",
    "reject": "acks_late, reject_on_worker_lost",
    "retry": "task_retry_on_worker_lost",
    "recommended": "the settings of this page",
    "ignored": "task_ignore_result",
    "short": "visibility_timeout of 5 s",
}
SHOPS = {"flask": "the Flask shop", "django": "the Django shop", "fastapi": "the FastAPI shop"}
SAME_FAULT = {  # of a shop, in the chart of the fault
    shop.shop_kill_children.__name__: faults.kill_children.__name__,
    shop.shop_kill_workers.__name__: faults.kill_workers.__name__,
    shop.shop_stop_workers.__name__: faults.quit_softly.__name__,
    shop.shop_kill_broker.__name__: faults.kill_broker.__name__,
    shop.shop_silent_broker.__name__: faults.silent_broker.__name__,
    shop.shop_restart_database.__name__: faults.restart_database.__name__,
    faults.restart_database_and_retry.__name__: faults.restart_database.__name__,
}
TITLES = {
    faults.kill_children.__name__: "Ten pool processes killed, one after the other",
    faults.out_of_memory.__name__: "Ten tasks that take all memory, once each",
    faults.kill_workers.__name__: "The whole worker killed, three times",
    faults.kill_parents.__name__: "Only the worker's main process killed, three times",
    faults.terminate.__name__: "SIGTERM",
    faults.terminate_then_kill.__name__: "SIGTERM, and SIGKILL two seconds later",
    faults.quit_worker.__name__: "SIGQUIT",
    faults.quit_softly.__name__: "SIGTERM with REMAP_SIGTERM=SIGQUIT and a soft shutdown",
    faults.stop_broker.__name__: "The broker stopped and started again",
    faults.kill_broker.__name__: "The broker killed and started again",
    faults.kill_broker_while_publishing.__name__: "The broker killed while an application sends",
    faults.silent_broker.__name__: "A broker that says nothing for five seconds",
    faults.kill_result_backend.__name__: "The result backend killed, for good",
    faults.restart_database.__name__: "The database restarted",
    faults.late_tasks.__name__: "A countdown of twelve seconds, two workers",
    faults.kill_busy_workers.__name__: "A busy worker killed thirty times",
    shop.shop_kill_web.__name__: "The web server killed, three times",
    shop.shop_kill_result_backend.__name__: "The result backend of a shop killed, for good",
}
SHORT = {  # for the table
    faults.kill_children.__name__: "`kill -9` of 10 pool processes",
    faults.out_of_memory.__name__: "10 tasks out of memory",
    faults.kill_workers.__name__: "`kill -9` of 3 workers",
    faults.kill_parents.__name__: "`kill -9` of 3 main processes",
    faults.terminate.__name__: "SIGTERM",
    faults.terminate_then_kill.__name__: "SIGTERM, SIGKILL after 2 s",
    faults.quit_worker.__name__: "SIGQUIT",
    faults.quit_softly.__name__: "SIGTERM as soft shutdown",
}
COLUMNS = ("default", "late", "reject", "retry", "recommended")


def report(rows: list[Row]) -> dict[str, Any]:
    """Return the charts and the tables of a run; a chart's name is that of its fault."""
    charts = {}
    for name, title in TITLES.items():
        found = [row for row in rows if SAME_FAULT.get(row["fault"], row["fault"]) == name]
        if found:
            charts[name] = chart(title, found)
    poison = [row for row in rows if row["fault"] == faults.poisoned.__name__]
    if poison:
        charts[faults.poisoned.__name__] = poison_chart(poison)
    tables = {
        "-".join(broker): table([row for row in rows if (row["broker"], row["kind"]) == broker])
        for broker in SHARED
    }
    return {"charts": charts, "tables": tables}


def label(row: Row) -> str:
    """Return what a row is called in a chart."""
    if row["shop"]:
        return SHOPS[row["shop"]]
    if row["fault"] == faults.restart_database_and_retry.__name__:
        return "autoretry_for the database's error"
    return SETTINGS[row["settings"]]


def by_broker(rows: list[Row]) -> list[Row]:
    """Sort rows by broker, the shops behind the settings."""
    order = list(OWN_BROKERS)
    return sorted(
        rows, key=lambda row: (order.index((row["broker"], row["kind"])), row["shop"] != "")
    )


def chart(title: str, rows: list[Row]) -> Chart:
    """Return a chart of what became of the tasks, or of a shop's orders."""
    names = OWN_BROKERS if any(row["kind"] in {"rdb", "aof"} for row in rows) else BROKERS
    return {
        "title": title,
        "unit": "tasks",
        "series": SERIES,
        "note": "Waiting: the broker has it, and hands it to nobody.",
        "rows": [
            {
                "name": row["name"],
                "group": names[row["broker"], row["kind"]],
                "label": label(row),
                "parts": {part: row[part] for part in SERIES},
            }
            for row in by_broker(rows)
        ],
    }


def poison_chart(rows: list[Row]) -> Chart:
    """Return a chart of how often one task killed its process within some seconds."""
    return {
        "title": "A task that kills its process each time",
        "unit": "starts while it was watched",
        "better": "less",
        "rows": [
            {
                "name": row["name"],
                "group": BROKERS[row["broker"], row["kind"]],
                "label": SETTINGS[row["settings"]],
                "value": row["starts_of_the_poison"],
            }
            for row in by_broker(rows)
        ],
    }


def table(rows: list[Row]) -> dict[str, Any]:
    """Return the table of one broker: a fault in each row, settings in the columns."""
    cells = {(row["fault"], row["settings"]): row for row in rows}
    lines = []
    for fault in WORKER_FAULTS:
        if (name := fault.__name__) not in SHORT or (name, "default") not in cells:
            continue
        lines.append([SHORT[name], *(words(cells.get((name, column))) for column in COLUMNS)])
    heads = ["default", "`acks_late`", "+ `reject`", "`retry`", "this page"]
    return {"head": ["What happens", *heads], "rows": lines}


def words(row: Row | None) -> str:
    """Say what became of the tasks that were not done exactly once."""
    if row is None:
        return ""
    parts = [f"{row[part]} {part}" for part in ("lost", "waiting", "twice") if row[part]]
    return ", ".join(parts) or "all once"
