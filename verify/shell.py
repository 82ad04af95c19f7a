"""A reader's terminal: a clean folder, one continuing shell, and commands that keep running."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from verify import warm
from verify.masks import Mismatch, Stand, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMAND_SECONDS = 60
READY_SECONDS = 30
STOP_SECONDS = 0.2
# A reader has none of our plugins; pytest-django does nothing in a project that is not Django's.
PYTEST_PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "pytest_django.plugin",
}
NO_SERVICES: Mapping[str, str] = MappingProxyType({})
IGNORED = shutil.ignore_patterns("__pycache__", ".pytest_cache", "instance", "*.pyc")
# What only the shell understands, after `QUOTED` is taken out.
SHELL = re.compile(r"[|&;<>()$`*?\[#~\n]|^\s*(?:cd|export|unset|\.)\s")
QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\]*\"")
PYTHON = shlex.quote(sys.executable)
LIBRARY = shlex.quote(sysconfig.get_path("purelib"))
# What a reader's machine would fetch or build comes from the environment of this run.
SUBSTITUTES = [
    (
        re.compile(r"^(?:py|python3?)(?: -3)? -m venv (\S+)$"),
        (
            f"{PYTHON} -m venv --without-pip \\1 && echo {LIBRARY}"
            f" > \\1/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/run.pth"
        ),
    ),
    (
        re.compile(r"^(?:python3? -m )?pip install (.+)$"),
        f"{PYTHON} -m pip install --no-index --disable-pip-version-check --root-user-action=ignore \\1",
    ),
]


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that goes away; `tempfile`'s own would also go when a forked program ends."""
    place = Path(tempfile.mkdtemp(prefix="verify-")).resolve()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def is_django(project: Path) -> bool:
    """Say whether a project is Django's."""
    return (project / "manage.py").exists()


def files_settings(folder: Path) -> dict[str, Any]:
    """Return the Celery settings of the `files` lane; make its folders."""
    for name in ("queue", "control", "results"):
        (folder / name).mkdir(parents=True)
    options = {
        "data_folder_in": f"{folder}/queue",
        "data_folder_out": f"{folder}/queue",
        "control_folder": f"{folder}/control",
        "polling_interval": 0.1,
    }
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": options,
        "result_backend": f"file://{folder}/results",
    }


def files_lane(folder: Path, *, django: bool) -> dict[str, str]:
    """Return the environment of the `files` lane, as each framework's example reads it; make its folders."""
    settings = files_settings(folder)
    settings["broker_transport_options"] = json.dumps(settings["broker_transport_options"])
    if django:  # elsewhere, Celery's own variables would override what a page sets
        return {f"CELERY_{name.upper()}": value for name, value in settings.items()}
    flask = {f"FLASK_CELERY__{name}": value for name, value in settings.items()}
    fastapi = {f"SHOP_{name.upper()}": value for name, value in settings.items()}
    return flask | fastapi


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@dataclass
class Background:
    """A command that keeps running."""

    command: str
    process: subprocess.Popen[bytes] | warm.Fork
    log: Path

    def text(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def expect(self, shown: str, stand: Stand) -> None:
        """Wait until it has printed what the page shows.

        Raises:
            Mismatch: if it ends first, or does not print it in time.

        """
        deadline = time.monotonic() + READY_SECONDS
        while True:
            ended = self.process.poll() is not None
            try:
                compare(shown, self.text(), stand, excerpt=True)
            except Mismatch as exc:
                if ended:
                    message = f"`{self.command}` ended with exit code {self.process.returncode}"
                    raise Mismatch(f"{message}; {exc}") from None
                if time.monotonic() > deadline:
                    message = f"`{self.command}` did not print this in {READY_SECONDS} s"
                    raise Mismatch(f"{message}; {exc}") from None
            else:
                return
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it by its own process id; an idle worker's warm shutdown takes seconds, so help it along.

        Raises:
            Mismatch: if it had ended by itself.

        """
        if self.process.poll() is not None:
            message = f"`{self.command}` ended by itself with exit code {self.process.returncode}"
            raise Mismatch(f"{message}; it printed:\n{self.text()[-2000:]}")
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        warm.kill(self.process)


class Terminal:
    """Runs the commands of a page in a folder that goes away with it."""

    def __init__(
        self,
        place: Path,
        project: Path | None,
        *,
        lane: bool = True,
        services: Mapping[str, str] = NO_SERVICES,
    ) -> None:
        """Make the folder below `place`: empty, or a copy of `project`, by default in the `files` lane.

        `services` are variables that name services, which only the live lane has.
        """
        self.place = place
        self.folder = place / (project.name if project else "shop")
        self.stand = Stand(port=free_port())
        self.background: dict[str, Background] = {}
        if project:
            shutil.copytree(project, self.folder, ignore=IGNORED)
        else:
            self.folder.mkdir()
        self.cwd = self.folder
        (place / "home").mkdir()
        (place / "bin").mkdir()
        self._curl()
        path = [place / "bin", Path(sys.executable).parent, os.environ.get("PATH", os.defpath)]
        self.env = {
            "HOME": str(place / "home"),
            "PATH": os.pathsep.join(map(str, path)),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            **PYTEST_PLUGINS,
            "FLASK_RUN_PORT": str(self.stand.port),
            **services,
        }
        if project and lane:
            self.env |= files_lane(place / "lane", django=is_django(project))

    def __enter__(self) -> Self:
        """Return the terminal."""
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever still runs."""
        for background in self.background.values():
            warm.kill(background.process)

    def _curl(self) -> None:
        """Where curl is missing, a stand-in that knows the options of the pages."""
        if not shutil.which("curl"):
            shim = self.place / "bin" / "curl"
            shim.write_text(
                f"#!{sys.executable}\n" + Path(__file__).with_name("curl.py").read_text()
            )
            shim.chmod(0o755)

    def write(self, name: str, text: str, *, append: bool) -> None:
        """Write a file, or add to its end, as a reader does who follows the page.

        Raises:
            Mismatch: if there is no file to add to.

        """
        path = self.cwd / name
        if append and not path.exists():
            raise Mismatch(f"there is no file {name} to add to")
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if append else ""
        path.write_text(before + text + "\n", encoding="utf-8")

    def run(self, command: str) -> tuple[int, str]:
        """Run one command in the shell, and return its exit code and what it printed.

        Raises:
            Mismatch: if it does not end in time.

        """
        line = self.stand.command(command)
        for pattern, replacement in SUBSTITUTES:
            line = pattern.sub(replacement, line)
        state = self.place / "state"
        words, env = self.words(line)
        if words is None:
            script = f"{line}\ncode=$?\nenv -0 > {state}.env\npwd > {state}.cwd\nexit $code\n"
            words = ["/bin/sh", "-c", script]
        output = Path(f"{state}.output")
        code = warm.run(words, self.cwd, env, output, COMMAND_SECONDS)
        if code is None:
            message = f"`{command}` did not end in {COMMAND_SECONDS} s: mark a command that keeps running with"
            raise Mismatch(f"{message} `% verify: background=name`")
        if (saved := Path(f"{state}.env")).exists():
            pairs = saved.read_text(encoding="utf-8").rstrip("\0").split("\0")
            self.env = dict(pair.split("=", 1) for pair in pairs)
            self.cwd = Path(Path(f"{state}.cwd").read_text(encoding="utf-8").rstrip("\n"))
            saved.unlink()
        return code, output.read_text(encoding="utf-8", errors="replace")

    def words(self, line: str) -> tuple[list[str] | None, dict[str, str]]:
        """Return the words of a command and its environment; None if only the shell can say what it is."""
        env = dict(self.env)
        line = line.replace("\\\n", " ")
        if SHELL.search(QUOTED.sub("", line)):
            return None, env
        words = shlex.split(line)
        while words and re.match(r"^[A-Za-z_]\w*=", words[0]):
            key, _, value = words.pop(0).partition("=")
            env[key] = value
        program = shutil.which(words[0], path=env["PATH"]) if words else None
        return ([program, *words[1:]] if program else None), env

    def start(self, name: str, command: str) -> Background:
        """Start a command that keeps running, in another terminal in the same folder.

        Raises:
            Mismatch: if the program does not exist, or `name` runs already.

        """
        if name in self.background:
            raise Mismatch(
                f"`{name}` runs already: give this command another name, or stop the first"
            )
        words, env = self.words(self.stand.command(command))
        if words is None:
            message = (
                "a command that keeps running is one program and its arguments, without a shell"
            )
            raise Mismatch(f"no such program: {command!r}; {message}")
        log = self.place / f"{name}.log"
        process = warm.start(words, self.cwd, env, log)
        self.background[name] = Background(command, process, log)
        return self.background[name]

    def named(self, name: str) -> Background:
        """Return the command that runs under this name.

        Raises:
            Mismatch: if there is none.

        """
        if name not in self.background:
            raise Mismatch(
                f"nothing runs under the name {name!r}: mark a console block with background={name}"
            )
        return self.background[name]

    def stop(self, name: str) -> None:
        """Stop the command that runs under this name."""
        self.named(name).stop()
        del self.background[name]
