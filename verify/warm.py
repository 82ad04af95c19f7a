"""Start Python programs from a process that has imported their libraries already, by forking it.

A `celery` command spends 0.5 s on imports, a page has a dozen of them. The program is the same: its own
script, run as `__main__` in a process of its own, with its own arguments, environment and folder. What a
fork cannot repeat (another interpreter, gevent's patches, `PYTHON…` variables, a local `celery.py`) starts as itself, and
`pytest --cold` starts everything as itself; continuous integration does that once.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.record import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WARM = "verify.preloaded"
BIN = Path(sys.executable).parent
# They patch what is imported after them.
UNFORKABLE = ("gevent", "eventlet")
# As Python sets them when it begins.
SIGNALS: dict[int, Any] = {
    signal.SIGCHLD: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGINT: signal.default_int_handler,
    signal.SIGPIPE: signal.SIG_IGN,
    signal.SIGTERM: signal.SIG_DFL,
}


def shadows(folder: Path) -> bool:
    """Say whether a module or package there has the name of one that is imported already."""
    packages = (path.parent for path in folder.glob("*/__init__.py"))
    return any(path.stem in sys.modules for path in (*folder.glob("*.py"), *packages))


def script_of(command: Sequence[str]) -> tuple[Path, list[str]] | None:
    """Return the Python script that a command runs with this interpreter, and its arguments, or None."""
    program = Path(command[0])
    if program == Path(sys.executable) or (
        program.parent == BIN and program.name.startswith("python")
    ):
        if len(command) > 1 and command[1].endswith(".py"):
            return Path(command[1]), list(command[1:])
        return None
    with program.open("rb") as file:
        if file.readline().strip() == f"#!{sys.executable}".encode():
            return program, list(command)
    return None


def forkable(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> bool:
    """Say whether a fork of this process would do what the program does."""
    return (
        WARM in sys.modules
        and sys.platform == "linux"
        and not any(name.startswith("PYTHON") for name in env)
        and not any(word in " ".join(command) for word in UNFORKABLE)
        and not shadows(cwd)
    )


def start(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes] | Fork:
    """Start a program in a process group of its own; it reads nothing and writes into `log`.

    What it prints is there at once, as in a terminal.
    """
    script = script_of(command) if forkable(command, cwd, env) else None
    env = {"PYTHONUNBUFFERED": "1", **env}
    with log.open("wb") as output:
        if script:
            return Fork(*script, cwd, env, output.fileno())
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path, seconds: float
) -> int | None:
    """Run a program to its end; return its exit code, or None if it took too long and was killed."""
    process = start(command, cwd, env, log)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        return None
    except KeyboardInterrupt:
        kill(process)
        raise


def kill(process: subprocess.Popen[bytes] | Fork) -> None:
    """End a program and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Fork:
    """A forked program, with the few methods of `subprocess.Popen` that are needed."""

    def __init__(
        self, script: Path, argv: list[str], cwd: Path, env: Mapping[str, str], output: int
    ) -> None:
        """Fork, and run the script in the child."""
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                _enter(cwd, env, output)
                code = _run(script, argv)
            except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
                traceback.print_exc()
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code, `timeout` seconds at most.

        Raises:
            subprocess.TimeoutExpired: if it still runs.

        """
        deadline = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _enter(cwd: Path, env: Mapping[str, str], output: int) -> None:
    """Make the forked process look like one that has just begun."""
    os.setsid()
    for number, handler in SIGNALS.items():
        signal.signal(number, handler)
    with Path(os.devnull).open("rb") as null:
        os.dup2(null.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, 1024)
    stdin = io.BufferedReader(io.FileIO(0, "r", closefd=False))
    stdout = io.BufferedWriter(io.FileIO(1, "w", closefd=False))
    stderr = io.BufferedWriter(io.FileIO(2, "w", closefd=False))
    sys.stdin = io.TextIOWrapper(stdin, "utf-8")
    sys.stdout = io.TextIOWrapper(stdout, "utf-8", line_buffering=True)
    sys.stderr = io.TextIOWrapper(stderr, "utf-8", "backslashreplace", line_buffering=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    os.chdir(cwd)
    for name in set(os.environ) - set(env):
        del os.environ[name]
    os.environ.update(env)
    time.tzset()
    multiprocessing.current_process().name = "MainProcess"
    logging.root.handlers.clear()


def _run(script: Path, argv: list[str]) -> int:
    """Run a script as `__main__`, end the process as the interpreter would, and return the exit code."""
    main: Any = types.ModuleType("__main__")
    main.__file__ = str(script)
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    for name in [name for name in sys.modules if name.split(".")[0] in ("verify", "__mp_main__")]:
        del sys.modules[name]
    sys.argv[:] = argv
    paths = [path for path in sys.path if path and Path(path) != ROOT]
    sys.path[:] = [str(script.resolve().parent), *paths]
    code: object = 0
    try:
        exec(compile(script.read_bytes(), str(script), "exec"), main.__dict__)  # noqa: S102
    except SystemExit as exc:
        code = exc.code
        sys.stdout.flush()
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)  # noqa: T201
            code = 1
    except BaseException as exc:  # noqa: BLE001 - what the interpreter does with it
        code = 128 + signal.SIGINT if isinstance(exc, KeyboardInterrupt) else 1
        sys.stdout.flush()
        below = exc.__traceback__.tb_next if exc.__traceback__ else None  # without this frame
        sys.excepthook(type(exc), exc.with_traceback(below), below)
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - what the interpreter calls, too
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return int(code or 0) & 0xFF  # type: ignore[call-overload]
