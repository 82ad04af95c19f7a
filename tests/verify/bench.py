"""A program: time the verifier on the site's inline Python blocks, against plain `exec` and two other tools.

Usage: python tests/verify/bench.py OTHER_PYTHON

OTHER_PYTHON is an interpreter with sybil and pytest-markdown-docs, which do not install beside MyST's parser.
All four run the same texts, written one block a page. Time is wall time without the tool's own start.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from verify.blocks import Site  # noqa: E402

RUNS = 3
PLAIN = """
import sys, time, io, contextlib
from pathlib import Path
import celery, flask
from celery.app.defaults import DEFAULTS
DEFAULTS.update(task_always_eager=True, task_eager_propagates=True)
began = time.perf_counter()
for path in sorted(Path(sys.argv[1]).glob("*.txt")):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(path.read_text(), path.name, "exec"), {"__name__": "__main__"})
print(time.perf_counter() - began)
"""
SYBIL = """
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser
import celery, flask
from celery.app.defaults import DEFAULTS
DEFAULTS.update(task_always_eager=True, task_eager_propagates=True)
pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""
EAGER = """
import celery, flask
from celery.app.defaults import DEFAULTS
DEFAULTS.update(task_always_eager=True, task_eager_propagates=True)
"""


def run(command: list[str], place: Path) -> tuple[float, str]:
    """Run a program; return wall seconds and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done.stdout


def passed(output: str) -> int:
    """Return how many tests pytest says have passed."""
    found = re.search(r"(\d+) passed", output)
    return int(found[1]) if found else 0


def best(command: list[str], full: Path, empty: Path) -> tuple[float, int]:
    """Return seconds beyond the tool's own start, and how many blocks passed."""
    start = min(run(command, empty)[0] for _ in range(RUNS))
    times = [run(command, full) for _ in range(RUNS)]
    return min(seconds for seconds, _ in times) - start, passed(times[0][1])


def main() -> None:
    """Write the blocks out, time the tools, and print a table."""
    other = str(Path(sys.argv[1]).absolute())
    site = Site(ROOT / "docs", ROOT)
    blocks = [
        block
        for path in site.pages()
        for block in site.page(path).blocks
        if block.language == "python" and not block.include and "raises" not in block.marks
    ]
    (ROOT / "build").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as inside,
        tempfile.TemporaryDirectory(prefix="bench-") as outside,  # away from our conftest.py
    ):
        places = {kind: Path(outside) / kind for kind in ("texts", "sybil", "docs", "empty")}
        places |= {kind: Path(inside) / kind for kind in ("verify", "nothing")}
        for place in places.values():
            place.mkdir()
        for number, block in enumerate(blocks):
            (places["texts"] / f"b{number:03}.txt").write_text(block.text + "\n")
            for kind in ("sybil", "docs", "verify"):
                (places[kind] / f"b{number:03}.md").write_text(
                    f"# Block\n\n```python\n{block.text}\n```\n"
                )
        (places["verify"] / "conf.py").write_text("")
        conftests = {"sybil": SYBIL, "docs": EAGER}
        for kind, text in conftests.items():
            (places[kind] / "conftest.py").write_text(text)
        count = len(blocks)
        _, printed = run([sys.executable, "-c", PLAIN, str(places["texts"])], ROOT)
        rows = [("plain exec, one lane", float(printed.split()[-1]), count)]
        quiet = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
        ours = [sys.executable, *quiet, "-o", f"verify_record={inside}/record.json", "-o"]
        pages = sorted(str(path) for path in places["verify"].glob("*.md"))
        began, _ = run([*ours, f"verify_docs={places['nothing']}", str(places["nothing"])], ROOT)
        times = [
            run([*ours, f"verify_docs={places['verify']}", *pages, f"--rootdir={ROOT}"], ROOT)
            for _ in range(RUNS)
        ]
        rows.append(
            (
                "the verifier, two lanes",
                min(t for t, _ in times) - began,
                passed(times[0][1]) - count,
            )
        )
        rows.append(("sybil, one lane", *best([other, *quiet], places["sybil"], places["empty"])))
        rows.append(
            (
                "pytest-markdown-docs, one lane",
                *best([other, *quiet, "--markdown-docs"], places["docs"], places["empty"]),
            )
        )
        print(f"{count} blocks; ms per block, best of {RUNS}, without the tool's own start")
        for tool, seconds, good in rows:
            print(
                f"{tool:32s} {1000 * seconds / max(count, 1):8.1f} ms   {good} of {count} blocks passed"
            )


if __name__ == "__main__":
    main()
