"""A program: run pytest in the current folder; report which statements did not run, and what was read.

Usage: python run_project.py REPORT LANE
"""

import json
import sys
from pathlib import Path

del sys.path[0]  # the folder of this file is no place for the project's imports

import coverage  # noqa: E402
import pytest  # noqa: E402

MOST_SECONDS = 3
report, lane = sys.argv[1:]
here = f"{Path.cwd()}/"
opened: set[str] = set()


def note_open(event: str, args: tuple[object, ...]) -> None:
    """Remember which files of the project are read."""
    if event == "open" and str(args[0]).startswith(here):
        opened.add(str(args[0]).removeprefix(here))


slow: list[str] = []


class Quick:
    """Remember what takes long: a reader who copies a slow fixture pays for it in every test."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the set-up, the test itself and the tear-down."""
        if report.duration > MOST_SECONDS:
            slow.append(f"{report.nodeid}: the {report.when} took {report.duration:.1f} s")


sys.addaudithook(note_open)
measured = coverage.Coverage(data_file=None, source=["."], config_file=False)
measured.start()
code = pytest.main(["-p", "no:cacheprovider", "-q", "--no-header", "--lane", lane], [Quick()])
measured.stop()
read = sorted(opened)
if slow:
    print(f"more than {MOST_SECONDS} s:", *slow, sep="\n")  # noqa: T201
    code = 1

missing = {}
for path in Path.cwd().rglob("*.py"):
    analysis = measured.analysis2(str(path))
    missing[str(path).removeprefix(here)] = [*analysis[2], *analysis[3]]  # excluded, not run
Path(report).write_text(json.dumps({"missing": missing, "opened": read}), encoding="utf-8")
sys.exit(code)
