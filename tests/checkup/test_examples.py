"""Every rule has an example in which it finds something, and one in which nothing is found."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checkup.command import load_rules
from checkup.finding import FRAMEWORKS, RULES
from checkup.report import page_of
from verify.verdicts.found import EXAMPLES, OPTIONS, run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    folder for kind in ("found", "clean") for folder in ROOT.glob(f"{EXAMPLES}/*/*/{kind}")
)
load_rules()


@pytest.fixture(scope="module")
def findings() -> Iterator[dict[Path, Future[list[tuple[str, str]]]]]:
    """Check all examples, each in a process of its own, that has imported Celery already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.preloaded"])
    with ProcessPoolExecutor(3, mp_context=context, max_tasks_per_child=1) as pool:
        yield {folder: pool.submit(run, folder) for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_an_example_has_its_finding_or_none(
    folder: Path, findings: dict[Path, Future[list[tuple[str, str]]]]
) -> None:
    codes = {code for code, _ in findings[folder].result(60)}
    assert codes == ({folder.parent.name.upper()} if folder.name == "found" else set())


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_has_examples_and_a_section(code: str) -> None:
    rule = RULES[code]
    folders = [folder for folder in FOLDERS if folder.parent.name == code.lower()]
    assert {folder.name for folder in folders} == {"found", "clean"}
    assert all(folder.parent.parent.name in OPTIONS for folder in folders)
    page, _, anchor = page_of(rule).partition("#")
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert re.search(rf"^\({anchor}\)=\n## {code}\b", text, re.MULTILINE)
    for folder in folders:
        assert f"{folder.relative_to(ROOT).as_posix()}/" in text
    assert (ROOT / "docs" / f"{rule.page.partition('#')[0]}.md").exists()
    assert rule.summary.endswith(".")
    assert set(rule.frameworks) <= set(FRAMEWORKS)


def test_every_example_has_a_rule() -> None:
    assert {folder.parent.name.upper() for folder in FOLDERS} == set(RULES)
