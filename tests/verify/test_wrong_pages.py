"""Each page below `wrong/` deserves red, says why in its first line, and must turn red for that reason."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
WRONG = Path(__file__).parent / "wrong"
PAGES = sorted(WRONG.glob("*.md"))


@pytest.fixture(scope="session")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Verify the whole wrong site once; return all messages by page."""
    place = tmp_path_factory.mktemp("wrong")
    run = subprocess.run(
        [
            *[sys.executable, "-m", "pytest", str(WRONG), f"--junitxml={place / 'report.xml'}"],
            *[
                "-o",
                f"verify_docs={WRONG.relative_to(ROOT)}",
                "-o",
                f"verify_record={place / 'record.json'}",
            ],
            *["-p", "no:cacheprovider", "--continue-on-collection-errors"],
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    messages: dict[str, str] = {}
    for case in ET.parse(place / "report.xml").iter("testcase"):
        for problem in (*case.findall("failure"), *case.findall("error")):
            where = case.get("classname") or case.get("name") or ""
            page = where.removeprefix("tests.verify.wrong.").removesuffix(".md")
            messages[page] = messages.get(page, "") + (problem.text or "")
    return messages


def expectation(page: Path) -> str:
    """Return what a page says it deserves; nothing if it is right."""
    found = re.match(r"% expect: (.*)", page.read_text(encoding="utf-8"))
    return found[1] if found else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, failures: dict[str, str]) -> None:
    expected = expectation(page)
    message = failures.get(page.stem, "")
    if expected:
        assert re.search(expected.replace("\\n", "\n"), message), message or "the page passed"
    else:
        assert not message


def test_rendered_blocks_are_compared(failures: dict[str, str]) -> None:
    assert "only-sphinx-sees.md: only Sphinx renders block 1" in failures["conf"]


def test_ledger_entries_need_blocks(failures: dict[str, str]) -> None:
    assert "without a block, delete them:\nright: 'a block that went away'" in failures["conf"]
