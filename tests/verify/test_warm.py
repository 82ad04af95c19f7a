"""A program that is forked from a warm process does what it does on its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from verify import warm
from verify.jobs import Jobs

SERVER = multiprocessing.get_context("forkserver")
PROGRAM = """
import atexit, logging, os, signal, sys, threading
atexit.register(print, "at exit")
thread = threading.Thread(target=print, args=("in a thread",))
thread.start()
thread.join()
print(__name__, __file__, sys.argv, sys.path[0], os.getcwd())
print(sorted(os.environ.items()), os.getenv("HERE"), logging.root.handlers)
print(repr(sys.stdin.read()), sys.stdout.encoding, sys.stderr.errors)
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT), os.getpid() == os.getsid(0))
print(sys.modules["__main__"].__dict__ is globals(), "verify" in sys.modules)
print(threading.current_thread() is threading.main_thread(), sorted(os.listdir("/proc/self/fd"))[:3])
print("to stderr", file=sys.stderr)
"""
ENDS = {
    "well": ("pass", 0),
    "a code": ("sys.exit(3)", 3),
    "a message": ("sys.exit('no')", 1),
    "an error": ("def f():\n    1 / 0\nf()", 1),
    "a signal": ("sys.stdout.flush(); os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    "a chain": ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError(1) from e", 1),
}


def outcome(script: Path, log: Path) -> tuple[bool, int, str]:
    """Run a script; return whether it was forked, its exit code and its output."""
    env = {"HERE": "1", "PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}
    process = warm.start([sys.executable, str(script), "a b"], script.parent, env, log)
    return isinstance(process, warm.Fork), process.wait(20), log.read_text()


def in_a_warm_process(function: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Call a function where sessions run."""
    jobs = Jobs()
    jobs.add(("session",), function)
    return jobs.result(("session",))


@pytest.mark.skipif(sys.platform != "linux", reason="programs are forked on Linux only")
@pytest.mark.parametrize("end", ENDS)
def test_a_forked_program_is_like_any_other(end: str, tmp_path: Path) -> None:
    text, expected = ENDS[end]
    script = tmp_path / "program.py"
    script.write_text(PROGRAM + text + "\n")
    forked, *warmly = in_a_warm_process(partial(outcome, script, tmp_path / "log"))
    itself, *coldly = outcome(script, tmp_path / "log")
    assert (forked, itself) == (True, False)
    assert warmly == coldly
    assert warmly[0] == expected
    assert "to stderr" in warmly[1]


def late(script: Path, log: Path) -> tuple[int | None, int, int]:
    """Wait in vain for a script, then interrupt it."""
    process = warm.start([sys.executable, str(script)], script.parent, {}, log)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    before = process.poll()
    process.send_signal(signal.SIGINT)
    code = process.wait(20)
    process.send_signal(signal.SIGINT)  # nobody is there any more
    return before, code, process.pid


def test_a_forked_program_can_be_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    exit(5)"
    )
    before, code, pid = in_a_warm_process(partial(late, script, tmp_path / "log"))
    assert (before, code) == (None, 5)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("command", "forked"),
    [
        ([sys.executable, "x.py", "1"], True),
        ([sys.executable, "-c", "1"], False),
        ([str(warm.BIN / "celery"), "report"], True),
        (["/bin/sh", "-c", "1"], False),
    ],
)
def test_which_programs_are_scripts(command: list[str], *, forked: bool) -> None:
    assert bool(warm.script_of(command)) == forked


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("subprocess.py", True),
        ("subprocess/__init__.py", True),
        ("subprocess/data.txt", False),
        ("no_such_module.py", False),
    ],
)
def test_a_file_that_shadows_a_module(name: str, tmp_path: Path, *, expected: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert warm.shadows(tmp_path) == expected


def test_a_program_beside_a_shadow_starts_as_itself(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import logging")
    (tmp_path / "logging.py").write_text("print('mine')")
    forked, code, printed = in_a_warm_process(partial(outcome, script, tmp_path / "log"))
    assert (forked, code, printed) == (False, 0, "mine\n")


def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"sleep 60 & echo $!; exec sleep 60 # {tmp_path}"
    assert warm.run(["/bin/sh", "-c", script], tmp_path, {}, log, 0.3) is None
    child = Path(f"/proc/{log.read_text().strip()}/cmdline")
    deadline = time.monotonic() + 5
    while child.exists() and child.read_bytes():  # its children die a moment after it
        assert time.monotonic() < deadline
        time.sleep(0.01)
