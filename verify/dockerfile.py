"""A strict reader of Dockerfiles: instructions and flags, exec form, and files to copy that exist.

No maintained Python library parses them (dockerfile-parse: last release in 2023), and `docker build
--check` needs a daemon.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from verify.commands import check_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# https://docs.docker.com/reference/dockerfile/: each instruction with its flags.
INSTRUCTIONS = {
    "ADD": {"keep-git-dir", "checksum", "chown", "chmod", "link", "unpack", "exclude"},
    "ARG": set(),
    "CMD": set(),
    "COPY": {"from", "chown", "chmod", "link", "parents", "exclude"},
    "ENTRYPOINT": set(),
    "ENV": set(),
    "EXPOSE": set(),
    "FROM": {"platform"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "start-interval", "retries"},
    "LABEL": set(),
    "ONBUILD": set(),
    "RUN": {"device", "mount", "network", "security"},
    "SHELL": set(),
    "STOPSIGNAL": set(),
    "USER": set(),
    "VOLUME": set(),
    "WORKDIR": set(),
}


def read_dockerfile(text: str, context: Path) -> None:
    """Read a Dockerfile whose build context is `context`.

    Raises:
        ValueError: for what `docker build` would refuse, and for a CMD or ENTRYPOINT that needs a shell.

    """
    begun = False
    for name, flags, rest in instructions(text):
        if name not in INSTRUCTIONS:
            raise ValueError(f"there is no instruction {name}")
        if unknown := flags.keys() - INSTRUCTIONS[name]:
            raise ValueError(f"{name} has no flag --{min(unknown)}")
        if not rest:
            raise ValueError(f"{name} without an argument")
        if not begun and name not in {"ARG", "FROM"}:
            raise ValueError(f"{name} before FROM")
        begun |= name == "FROM"
        if name in {"CMD", "ENTRYPOINT"}:
            check_command(_words(name, rest), context)
        elif name == "HEALTHCHECK" and rest != "NONE" and not rest.startswith("CMD "):
            raise ValueError("HEALTHCHECK is followed by CMD or NONE")
        elif name in {"ADD", "COPY"} and "from" not in flags:
            _check_sources(name, rest, context)
    if not begun:
        raise ValueError("a Dockerfile needs FROM")


def instructions(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield each instruction: its name, its flags and the rest, on one line."""
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    text = "\n".join(lines)
    if found := re.search(r"^\s*(?:RUN|COPY|ADD)\b.*<<-?\s*['\"]?\w+", text, re.MULTILINE):
        raise ValueError(f"verify/dockerfile.py cannot read heredocs: {found[0].strip()}")
    for whole in re.sub(r"\\\n", " ", text).splitlines():
        name, _, rest = whole.strip().partition(" ")
        flags = {}
        while found := re.match(r"--([\w-]+)(?:=(\S+))?\s+", rest := rest.lstrip()):
            flags[found[1]] = found[2] or ""
            rest = rest[found.end() :]
        yield name, flags, rest.strip()


def _words(name: str, rest: str) -> list[str]:
    try:
        words = json.loads(rest)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        message = f'{name} {rest}: write exec form, {name} ["program", "argument"], or a shell gets the SIGTERM'
        raise ValueError(message)
    return words


def _check_sources(name: str, rest: str, context: Path) -> None:
    *sources, _ = json.loads(rest) if rest.startswith("[") else rest.split()
    if not sources:
        raise ValueError(f"{name} needs a source and a target")
    for source in sources:
        if re.match(r"\w+://|git@", source):
            continue
        if ".." in source.split("/") or not any(context.glob(source.strip("/") or "*")):
            raise ValueError(f"{name}: there is no {source} in the build context")
