"""A program: break single shown lines at random, and see whether the verifier notices.

Usage: python tests/verify/mutate.py [--count N] [--seed N] [PAGE …]

Each change is made in a copy of the project, and the page that shows the line is verified there. The
last lines name the changes that nobody noticed: weak checks, or changes that change nothing.
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from verify.blocks import Block, Page, Site  # noqa: E402
from verify.masks import MASKS, UUID  # noqa: E402
from verify.needs import unmet  # noqa: E402

NEEDED = (
    "checkup",
    "conftest.py",
    "constraints.txt",
    "docs",
    "examples",
    "measure",
    "noxfile.py",
    "pyproject.toml",
    "verify",
)
SKIPPED = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".mypy_cache", "instance")


@dataclass
class Change:
    """One edit of one file."""

    page: Page
    path: Path
    line: int
    before: str
    after: str
    text: str  # of the whole file, changed

    def __str__(self) -> str:
        """Say what is changed where."""
        where = f"{self.path.relative_to(ROOT)}:{self.line}"
        return (
            f"{where}: {self.before.strip()!r} -> {self.after.strip()!r} (page {self.page.docname})"
        )


def edits(node: ast.AST) -> list[str]:
    """Return what a piece of Python could become; nothing if it is left alone."""
    after: list[str] = []
    match node:
        case ast.Constant(value=bool()):
            after = [repr(not node.value)]
        case ast.Constant(value=int() | float()):
            after = [repr(node.value + 1)]
        case ast.Constant(value=str()) if node.value:
            after = [repr(node.value + "x")]
        case ast.Return(value=ast.expr()):
            after = ["return None"]
        case (
            ast.Raise() | ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Assert()
        ):
            after = ["pass"]
        case ast.Compare(ops=[ast.Eq()]):
            after = [f"({ast.unparse(node)}) is False"]
        case ast.keyword() if node.arg:
            after = [""]
        case ast.UnaryOp(op=ast.Not()):
            after = [ast.unparse(node.operand)]
    return after


def left_alone(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that change no behaviour: docstrings and annotations."""
    alone: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                alone |= set(ast.walk(first))
        annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
        if isinstance(annotation, ast.AST):
            alone |= set(ast.walk(annotation))
        if isinstance(node, ast.JoinedStr):  # its parts have no position of their own
            alone |= set(ast.walk(node)) - {node}
    return alone


def python_changes(source: str, lines: set[int]) -> list[tuple[int, str, str, str]]:
    """Return the changes of some lines of Python: line, before, after, whole text."""
    tree = ast.parse(source)
    alone = left_alone(tree)
    split = source.split("\n")
    starts = [0]
    for line in split:
        starts.append(starts[-1] + len(line.encode()) + 1)
    raw, changes = source.encode(), []
    for node in ast.walk(tree):
        if node in alone or getattr(node, "lineno", 0) not in lines:
            continue
        for after in edits(node):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            if isinstance(node, ast.keyword) and raw[end : end + 1] == b",":
                end += 1
            text = (raw[:begin] + after.encode() + raw[end:]).decode()
            try:
                ast.parse(text)
            except SyntaxError:
                continue
            changes.append((node.lineno, raw[begin:end].decode(), after, text))
    return changes


def text_changes(
    source: str, first: int, shown: str, rng: random.Random
) -> list[tuple[int, str, str, str]]:
    """Return a change of one letter or digit for each line of a block that is compared."""
    lines, changes = source.split("\n"), []
    for number, line in enumerate(shown.split("\n"), first):
        masked = {
            i for mask in (*MASKS, UUID) for m in re.finditer(mask, line) for i in range(*m.span())
        }
        free = [i for i, c in enumerate(line) if c.isalnum() and i not in masked]
        if not free or line.strip() == "..." or line.lstrip().startswith(("#", "//")):
            continue
        position = rng.choice(free)
        after = line[:position] + ("q" if line[position] != "q" else "z") + line[position + 1 :]
        text = "\n".join(
            [*lines[: number - 1], lines[number - 1].replace(line, after), *lines[number:]]
        )
        changes.append((number, line, after, text))
    return changes


def inline_changes(source: str, block: Block) -> list[tuple[int, str, str, str]]:
    """Return the changes of Python that is written in a page."""
    lines, first = source.split("\n"), block.content_line - 1
    last = first + block.text.count("\n") + 1
    changes = []
    for number, before, after, text in python_changes(block.text, set(range(1, last - first + 1))):
        new = [block.indent + line if line else "" for line in text.split("\n")]
        changes.append(
            (first + number, before, after, "\n".join([*lines[:first], *new, *lines[last:]]))
        )
    return changes


def changes_of(block: Block, page: Page, rng: random.Random) -> list[Change]:
    """Return every change of one block."""
    if block.include:
        path = block.include.path
        source = path.read_text(encoding="utf-8")
        lines = {number for number in block.include.lines if number}
        if path.suffix == ".py":
            found = python_changes(source, lines)
        else:
            found = [c for c in text_changes(source, 1, source.rstrip("\n"), rng) if c[0] in lines]
    else:
        path, source = page.path, page.path.read_text(encoding="utf-8")
        found = text_changes(source, block.content_line, block.text, rng)
        if block.language == "python":
            output = block.text.split("\n")
            found = [c for c in found if "#>" in output[c[0] - block.content_line]]
            found += inline_changes(source, block)
    return [Change(page, path, *change) for change in found]


def noticed(change: Change) -> bool:
    """Verify the page with the change, in a copy; say whether it fails."""
    with tempfile.TemporaryDirectory(prefix="mutate-") as place:
        for name in NEEDED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, Path(place) / name, ignore=SKIPPED)
            else:
                shutil.copy(source, place)
        (Path(place) / change.path.relative_to(ROOT)).write_text(change.text, encoding="utf-8")
        page = change.page.path.relative_to(ROOT)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", str(page), "-p", "no:cacheprovider"],
            cwd=place,
            capture_output=True,
            check=False,
        )
    return run.returncode in {1, 2}  # a test failed, or a page could not be read


def main() -> None:
    """Make the changes and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--least", type=float, default=0.9, help="share that must be noticed")
    parser.add_argument("pages", nargs="*", type=Path)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    site = Site(ROOT / "docs", ROOT)
    pages = [site.page(path) for path in options.pages or site.pages()]
    # What needs a service is not run here, so nobody could notice.
    blocks = [
        (block, page)
        for page in pages
        for block in page.blocks
        if not unmet(page, block, live=False)
    ]
    pool: dict[tuple[Path, int], list[Change]] = {}
    for block, page in blocks:
        for change in changes_of(block, page, rng):
            pool.setdefault((change.path, change.line), []).append(change)
    # A line first, then a change of it: a long line is not more likely than a short one.
    lines = rng.sample(sorted(pool), min(options.count, len(pool)))
    chosen = [rng.choice(pool[line]) for line in lines]
    print(f"{len(chosen)} changes of {len(pool)} lines, seed {options.seed}", flush=True)
    missed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as executor:
        for change, caught in zip(chosen, executor.map(noticed, chosen), strict=True):
            print("noticed" if caught else "MISSED ", change, flush=True)
            if not caught:
                missed.append(change)
    share = 1 - len(missed) / max(len(chosen), 1)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} noticed: {share:.0%}")
    sys.exit(share < options.least)


if __name__ == "__main__":
    main()
