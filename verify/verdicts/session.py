"""`session`: the commands of a page, run in order in one clean folder; their output compared.

A page's blocks are one session: a reader follows them from top to bottom.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from verify.downloads import DOWNLOADS
from verify.masks import Mismatch, compare
from verify.shell import Terminal, temporary_folder
from verify.verdicts import Context, Job, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from verify.blocks import Block, Page

NAME = "session"
LANE = "files"
# kombu 5.7.0, transport/filesystem.py: `_put` creates a message's file before it writes it, and a worker
# whose `_get` comes in between reads an empty file, and ends.
RACE = "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
FOLLOWED_AT_MOST = 3
FILE_NAME = re.compile(r"([\w./-]*[\w-]\.?\w+)(, at the end)?")


def claims(block: Block) -> bool:
    """Claim a console block, or text that is output of a session."""
    return block.language == "console" or bool({"log", "tree"} & block.marks.keys())


def jobs(page: Page, context: Context) -> Iterable[Job]:
    """Follow the page once."""
    left_out = {block.number for block in page.blocks if context.left_out(page, block)}
    if any(claims(block) and block.number not in left_out for block in page.blocks):
        work = partial(follow, page, context.root, left_out, context.variables(page))
        yield ("session", page.docname), work


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Say what happened when the page was followed."""
    failures = context.jobs.result(("session", page.docname))
    if block.number in failures:
        raise Wrong(failures[block.number])
    return [LANE]


def commands_of(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output shown below it.

    Raises:
        Mismatch: if the block does not begin with a command.

    """
    commands: list[tuple[list[str], list[str]]] = []
    for line in block.text.split("\n"):
        if line.startswith("$ "):
            commands.append(([line[2:]], []))
        elif not commands:
            raise Mismatch("a console block begins with a command: a line that starts with `$ `")
        elif commands[-1][0][-1].endswith("\\") and not commands[-1][1]:
            commands[-1][0].append(line.removeprefix("> "))
        else:
            commands[-1][1].append(line)
    return [("\n".join(command), "\n".join(output)) for command, output in commands]


def follow(page: Page, root: Path, left_out: set[int], services: dict[str, str]) -> dict[int, str]:
    """Follow a page as a reader does; return what went wrong, by the number of the block.

    A session that kombu's own race has ended proves nothing, so it is followed again.
    """
    for _ in range(FOLLOWED_AT_MOST):
        failures = follow_once(page, root, left_out, services)
        if not any(RACE in message for message in failures.values()):
            break
    return failures


def follow_once(
    page: Page, root: Path, left_out: set[int], services: dict[str, str]
) -> dict[int, str]:
    """Run the page's blocks in one clean folder, but for those left out."""
    failures: dict[int, str] = {}
    sandbox = page.marks.get("sandbox")
    if sandbox is None:
        message = "say where the commands run: `% verify page: sandbox=empty`, or a project"
        return {block.number: message for block in page.blocks if claims(block)}
    project = None if sandbox == "empty" else root / sandbox
    if project and not project.is_dir():
        return {
            block.number: f"no folder is called {sandbox}" for block in page.blocks if claims(block)
        }
    lane = "own-settings" not in page.marks
    blocks = [block for block in page.blocks if block.number not in left_out]
    with (
        temporary_folder() as place,
        Terminal(place, project, lane=lane, services=services) as terminal,
    ):
        for name in filter(None, page.marks.get("download", "").split(",")):
            DOWNLOADS[name](terminal.folder / name, "")
        for block in blocks:
            try:
                step(block, terminal, writes=project is None)
            except Mismatch as exc:
                # A file that cannot be written fails the next block that needs the session.
                later = (b.number for b in blocks if b.number >= block.number and claims(b))
                failures[next(later, block.number)] = str(exc)
        last = {b.marks["background"]: b.number for b in blocks if "background" in b.marks}
        for name in list(terminal.background):
            try:
                terminal.stop(name)
            except Mismatch as exc:
                failures.setdefault(last[name], f"at the end of the page: {exc}")
    return failures


def step(block: Block, terminal: Terminal, *, writes: bool) -> None:
    """Do what a reader does with one block.

    Raises:
        Mismatch: if something else happens than the page shows.

    """
    if "stop" in block.marks:
        terminal.stop(block.marks["stop"])
    if "log" in block.marks:
        terminal.named(block.marks["log"]).expect(block.text, terminal.stand)
    elif "tree" in block.marks:
        check_tree(block.text, terminal.folder)
    elif "background" in block.marks:
        (command, shown), *more = commands_of(block)
        if more or not shown.strip():
            message = "a block marked `background` holds one command, and the output that says it is ready"
            raise Mismatch(message)
        terminal.start(block.marks["background"], command).expect(shown, terminal.stand)
    elif block.language == "console":
        run_commands(block, terminal)
    elif writes and (found := FILE_NAME.fullmatch(block.caption)):
        terminal.write(found[1], block.text, append=bool(found[2]))


def run_commands(block: Block, terminal: Terminal) -> None:
    """Run the commands of a block and compare their output.

    Raises:
        Mismatch: if an exit code or an output differs.

    """
    commands = commands_of(block)
    for number, (command, shown) in enumerate(commands, 1):
        wanted = int(block.marks.get("exit", 0)) if number == len(commands) else 0
        code, output = terminal.run(command)
        if code != wanted:
            message = f"`{command}` ended with exit code {code}, not {wanted}"
            raise Mismatch(f"{message}; it printed:\n{output[-3000:]}")
        if shown.strip():
            try:
                compare(shown, output, terminal.stand)
            except Mismatch as exc:
                raise Mismatch(f"after `{command}` {exc}") from None


def check_tree(text: str, folder: Path) -> None:
    """Check that every path of a folder listing exists.

    Raises:
        Mismatch: if one does not.

    """
    parents: list[tuple[int, Path]] = []
    for line in text.splitlines()[1:]:
        found = re.search(r"[\w.]", line)
        if not found:
            continue
        depth, name = found.start(), line[found.start() :].split()[0]
        while parents and parents[-1][0] >= depth:
            parents.pop()
        path = (parents[-1][1] if parents else folder) / name.rstrip("/")
        if not path.exists() or path.is_dir() != name.endswith("/"):
            raise Mismatch(
                f"no such {'folder' if name.endswith('/') else 'file'}: {path.relative_to(folder)}"
            )
        parents.append((depth, path))
