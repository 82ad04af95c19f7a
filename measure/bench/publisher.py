"""A program: send tasks in a row, and print how many seconds that took.

Usage: python -m measure.bench.publisher SETTINGS COUNT

It is a process of its own, so that a proxy in the measuring one does not compete with it.
"""

from __future__ import annotations

import json
import sys
import time

from measure.bench.tasks import make_app


def main() -> None:
    """Send one task to open the connection, then the others."""
    settings, count = json.loads(sys.argv[1]), int(sys.argv[2])
    task = make_app(settings).tasks["work"]
    task.delay(0)
    began = time.perf_counter()
    for number in range(count):
        task.delay(number)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
