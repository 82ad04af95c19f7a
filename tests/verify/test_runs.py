"""Whole runs: what is written into pages, what the record says, and what it does not say any more."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify import record

ROOT = Path(__file__).parents[2]
SECONDS = 60


@pytest.fixture
def docs() -> Iterator[Path]:
    """Return an empty site inside the project, since a record's paths are below the root."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="test-", dir=ROOT / "build") as name:
        place = Path(name) / "docs"
        place.mkdir()
        (place / "conf.py").write_text("")
        yield place


def command_for(docs: Path) -> list[str]:
    """Return the command that verifies the page of a site."""
    here = docs.relative_to(ROOT)
    command = [sys.executable, "-m", "pytest", str(here / "page.md"), "-p", "no:cacheprovider"]
    return [*command, "-o", f"verify_docs={here}", "-o", f"verify_record={here.parent}/record.json"]


def verify(docs: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Verify the page of a site."""
    command = [*command_for(docs), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_update_examples_writes_the_true_output(docs: Path) -> None:
    page = docs / "page.md"
    page.write_text(
        "# T\n\n- a list\n\n  ```python\n  print(1 + 1)\n  #> 3\n  print('x')\n  ```\n\nEnd.\n"
    )
    assert verify(docs).returncode == 1
    verify(docs, "--update-examples")
    assert page.read_text() == (
        "# T\n\n- a list\n\n  ```python\n  print(1 + 1)\n  #> 2\n  print('x')\n  #> x\n  ```\n\nEnd.\n"
    )
    assert verify(docs).returncode == 0


def test_the_record_says_what_happened(docs: Path) -> None:
    (docs / "page.md").write_text("# T\n\n```python\nprint(2)\n#> 2\n```\n")
    assert verify(docs).returncode == 0
    found = record.load(docs.parent / "record.json")
    assert found
    (block,) = found.blocks("page") or []
    assert (block.verdict, block.lanes, block.language, block.line) == (
        "ran",
        ["eager", "worker"],
        "python",
        3,
    )
    assert found.versions["Celery"]


def test_the_record_forgets_what_has_changed_or_failed(docs: Path) -> None:
    page = docs / "page.md"
    page.write_text("# T\n\n```python\nprint(2)\n#> 2\n```\n")
    verify(docs)
    page.write_text("# T\n\n```python\nprint(2)\n#> 3\n```\n")
    record._file_digest.cache_clear()  # noqa: SLF001 - a run never sees a file change
    found = record.load(docs.parent / "record.json")
    assert found
    assert found.blocks("page") is None
    verify(docs)
    after = record.load(docs.parent / "record.json")
    assert after
    assert "page" not in after.pages


def test_a_session_is_taken_over_only_while_nothing_changes(docs: Path) -> None:
    page = docs / "page.md"
    new = docs.parent.name  # what an earlier run of this test remembers must not count
    marked = f"% verify page: sandbox=empty\n\n# T\n\n```console\n$ echo {{}}\n{new}\n```\n"
    page.write_text(marked.format(new))
    assert "taken over" not in verify(docs).stdout
    assert "1 results taken over" in verify(docs).stdout
    page.write_text(marked.format("no"))
    run = verify(docs)
    assert run.returncode == 1
    assert "taken over" not in run.stdout


WAITING = """% verify page: sandbox=empty

# A page whose programs go on

% verify: background=sleeper

```console
$ python3 -c 'print("ready", flush=True); import time; time.sleep(987)'
ready
```

```console
$ sleep 986
```
"""
PROGRAMS = {"time.sleep(987)", "sleep 986"}


def running() -> set[str]:
    """Return which programs of the page run."""
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # of one that has just ended
            commands.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return {name for name in PROGRAMS if any(line.rstrip().endswith(name) for line in commands)}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks into Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_no_program(docs: Path, number: signal.Signals) -> None:
    (docs / "page.md").write_text(WAITING)
    with subprocess.Popen(command_for(docs), cwd=ROOT, stdout=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + SECONDS
        while running() != PROGRAMS:
            assert run.poll() is None, "the run has ended before"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        run.send_signal(number)
        assert run.wait(SECONDS) == pytest.ExitCode.INTERRUPTED
    assert running() == set()
