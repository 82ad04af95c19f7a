"""`found`: an example of `examples/checkup`, in which the checker finds what its rule is about, or nothing.

The folder of an example is `examples/checkup/GROUP/CODE/found` or `…/clean`. A text block marked `found`, below an
example, shows the lines that the checker prints for it.
"""

from __future__ import annotations

import contextlib
import io
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from verify.verdicts import Context, Job, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verify.blocks import Block, Page

NAME = "checked"
LANE = "files"
EXAMPLES = Path("examples/checkup")
KINDS = ("found", "clean")
OPTIONS = {
    "celery": ("flask", "-A", "shop:celery_app"),
    "flask": ("flask", "-A", "shop:celery_app"),
    "django": ("django", "-A", "config", "--settings", "config.settings"),
    "fastapi": ("fastapi", "-A", "shop:celery_app"),
}


def example_of(path: Path) -> Path | None:
    """Return the folder of the example that a file belongs to, or None."""
    return next((folder for folder in path.parents if is_example(folder)), None)


def is_example(folder: Path) -> bool:
    """Say whether a folder is `…/examples/checkup/GROUP/CODE/KIND`."""
    parts = folder.parts[-5:]
    return len(parts) == 5 and parts[:2] == EXAMPLES.parts and parts[4] in KINDS  # noqa: PLR2004


def claims(block: Block) -> bool:
    """Claim what is included from an example, and the lines that the checker prints."""
    included = block.include is not None and example_of(block.include.path) is not None
    return included or "found" in block.marks


def jobs(page: Page, context: Context) -> Iterable[Job]:  # noqa: ARG001
    """Check each example that the page shows."""
    for block in page.blocks:
        example = block.include and example_of(block.include.path)
        if example:
            yield ("checkup", str(example)), partial(run, example)


def run(example: Path) -> list[tuple[str, str]]:
    """Check an example in this process; return the code and the line of each finding.

    Raises:
        RuntimeError: if the checker does not end with the status that its findings have.

    """
    from checkup.command import main

    os.chdir(example)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = main([*OPTIONS[example.parent.parent.name], ".", "--fail-on", "note"])
    lines = [line for line in output.getvalue().splitlines() if not line.startswith(" ")]
    findings = [(line.split(": ")[1].split()[0], line) for line in lines[:-1]]
    if status != bool(findings):
        raise RuntimeError(f"exit status {status}:\n{output.getvalue()}")
    return findings


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Compare what is found with the example's rule, or with the lines shown."""
    shown = block
    while shown.include is None or example_of(shown.include.path) is None:
        if shown.number == 1:
            raise Wrong("no example stands before these lines")
        shown = page.blocks[shown.number - 2]
    assert shown.include
    example = example_of(shown.include.path)
    assert example
    findings = context.jobs.result(("checkup", str(example)))
    printed = "\n".join(line for _, line in findings)
    if block.include is None:
        if block.text != printed:
            raise Wrong(f"checkup prints:\n{printed}")
        return [LANE]
    wanted = {example.parent.name.upper()} if example.name == "found" else set()
    if {code for code, _ in findings} != wanted:
        raise Wrong(
            f"checkup finds in {example.parent.name}/{example.name}:\n{printed or 'nothing'}"
        )
    return [LANE]
