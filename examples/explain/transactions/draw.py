"""A program: write the sequence diagram of a case in ``cases.jsonl``, as a directive of the site, to ``race.md``."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOG, DRAWING = HERE / "cases.jsonl", HERE / "race.md"
CASE = "send_first, worker_is_faster"
HEAD = [f"participant {name}" for name in ("web", "SQLite", "queue", "worker")]
ARROWS = {
    "BEGIN": "web->>SQLite: {time}, BEGIN",
    "INSERT": "web->>SQLite: {time}, INSERT",
    "message": "web->>queue: {time}, message",
    "begins": "queue->>worker: {time}, message",
    "SELECT": "worker->>SQLite: {time}, SELECT",
    "not found": "SQLite-->>worker: {time}, no row",
    "COMMIT": "web->>SQLite: {time}, COMMIT",
}


def diagram(log: str) -> str:
    """Return the directive: what happened in words, and as Mermaid; and with which versions."""
    about, *lines = [json.loads(line) for line in log.splitlines()]
    happened = [line for line in lines if line["case"] == CASE]
    words = " ".join(f"{moment(line)}: {line['process']}, {line['event']}." for line in happened)
    arrows = [ARROWS[line["event"]].format(time=moment(line)) for line in happened]
    source = "\n".join(["sequenceDiagram", *(f"    {line}" for line in [*HEAD, *arrows])])
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    seen = f"Seen on {about['date']} with {versions}."
    return f"```{{diagram}}\n:alt: {words}\n\n{source}\n```\n\n{seen}\n"


def moment(line: dict[str, Any]) -> str:
    """Return the time of an event in milliseconds."""
    return f"{1000 * line['time']:.1f} ms"


if __name__ == "__main__":
    DRAWING.write_text(diagram(LOG.read_text(encoding="utf-8")), encoding="utf-8")
