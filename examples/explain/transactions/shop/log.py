"""A log that two processes write: one line of JSON for each event. ``SHOP_LOG`` names the file."""

import json
import os
import time
from pathlib import Path

LOG = Path(os.environ.get("SHOP_LOG", "log.jsonl"))


def note(process: str, event: str) -> None:
    """Add an event, with the time in seconds."""
    line = json.dumps({"time": time.time(), "process": process, "event": event})
    with LOG.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def events() -> list[dict[str, str]]:
    """Return the events so far."""
    return [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]
