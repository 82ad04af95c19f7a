"""`fails as shown`: a program that raises, and the block below it that shows the error."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from verify.masks import Mismatch, Stand, compare
from verify.shell import Terminal, temporary_folder
from verify.verdicts import Context, Job, Wrong, ran, session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from verify.blocks import Block, Page

NAME = "fails as shown"


def claims(block: Block) -> bool:
    """Claim a program marked `raises`, the error below it, or a console block that ends with an exit code."""
    if block.language == "console":
        return block.marks.get("exit", "0") != "0"
    return bool({"raises", "error"} & block.marks.keys())


def program_of(block: Block, page: Page) -> Block:
    """Return the program whose error a block shows; a program is its own.

    Raises:
        Wrong: if the block before is not marked `raises`.

    """
    if "error" not in block.marks:
        return block
    before = page.blocks[block.number - 2] if block.number > 1 else None
    if before is None or "raises" not in before.marks:
        raise Wrong(
            "the block before must be the program that raises, marked with `% verify: raises`"
        )
    return before


def jobs(page: Page, context: Context) -> Iterable[Job]:
    """Run each included program that raises; inline ones run with the rest of the page."""
    for block in page.blocks:
        if "raises" in block.marks and block.include and not context.left_out(page, block):
            yield (
                ("fails", page.docname, str(block.number)),
                partial(run_script, block.include.path, context.variables(page)),
            )
    yield from ran.jobs(page, context)
    yield from session.jobs(page, context)


def run_script(path: Path, services: dict[str, str]) -> tuple[int, str, Path]:
    """Run a program in a copy of its folder; return its exit code, what it printed, and where it ran."""
    with (
        temporary_folder() as place,
        Terminal(place, path.parent, services=services) as terminal,
    ):
        code, output = terminal.run(f"python {path.name}")
        return code, output, terminal.folder


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Compare the error with the one that came out."""
    if block.language == "console":
        return session.judge(block, page, context)
    program = program_of(block, page)
    if program.include is None:
        return ran.judge(program, page, context)
    following = page.blocks[program.number] if program.number < len(page.blocks) else None
    if following is None or "error" not in following.marks:
        raise Wrong("the next block must show the error, marked with `% verify: error`")
    code, output, folder = context.jobs.result(("fails", page.docname, str(program.number)))
    if code == 0:
        raise Wrong(f"{program.include.path.name} raises nothing, but the page says so")
    try:
        compare(f"...\n{following.text}", output.replace(f"{folder}/", ""), Stand())
    except Mismatch as exc:
        raise Wrong(str(exc)) from None
    return [session.LANE]
