"""The badges say what the record says, and a page that is not the one of the record fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from verify.record import BlockRecord, Record, text_digest

ROOT = Path(__file__).parents[2]

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., str]

PAGE = """# A page

```{code-block} python
:caption: shop/tasks.py

print(1)
```

Some words.

```text
Killed
```
"""
VERIFIED = """# What is verified

```{verified-totals}
```

```{verified-numbers}
```
"""
RAN = BlockRecord(
    line=3,
    language="python",
    digest=text_digest("print(1)"),
    heading="A page",
    verdict="ran",
    lanes=["eager", "worker"],
)
SHOWN = BlockRecord(
    line=11,
    language="text",
    digest=text_digest("Killed"),
    heading="A page",
    verdict="shown only",
    reason="needs a service",
)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a function that builds two pages with a record; it returns the warnings."""
    source = tmp_path / "source"
    (source / "reference").mkdir(parents=True)
    (source / "index.md").write_text(
        PAGE + "\n```{toctree}\nreference/verified\n```\n", encoding="utf-8"
    )
    (source / "reference" / "verified.md").write_text(VERIFIED, encoding="utf-8")
    path = tmp_path / "record.json"

    def run(*blocks: BlockRecord, builder: str = "html", options: tuple[str, ...] = ()) -> str:
        if blocks:
            record = Record(
                "0123456789ab", "2026-11-21T06:00:00", {"Celery": "5.7.0", "Python": "3"}
            )
            record.put("index", ["docs/conf.py"], blocks)
            record.save(path)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "sphinx", "-q", "-b", builder, *options),
                *("-D", f"verdicts_record={path}", "-c", str(ROOT / "docs")),
                *(str(source), str(tmp_path / "out")),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    return run


def badges(folder: Path) -> list[str]:
    """Return the words of each badge of the page."""
    html = (folder / "out" / "index.html").read_text(encoding="utf-8")
    found = re.findall(r'<p class="verdict [^>]*>(.*?)</p>', html)
    return [unescape(re.sub("<[^>]+>", "", text)) for text in found]


def words(folder: Path) -> str:
    """Return the words of the page about the verdicts."""
    html = (folder / "out" / "reference" / "verified.html").read_text(encoding="utf-8")
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def test_badges_are_those_of_the_record(build: Build, tmp_path: Path) -> None:
    """Verdict, release, lanes or reason, after the frame that holds block and caption."""
    assert build(RAN, SHOWN) == ""
    assert badges(tmp_path) == [
        "ran · Celery 5.7.0 · eager, worker",
        "shown only · needs a service",
    ]
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    places = ("code-block-caption", "· eager", "<p>Some words")
    caption, badge, prose = (html.index(text) for text in places)
    assert caption < badge < prose
    assert re.search(
        r'</div>\s*</div>\s*</div>\s*<p class="verdict verdict-ran" data-pagefind-ignore>', html
    )
    assert 'href="reference/verified.html"' in html


def test_totals_and_numbers(build: Build, tmp_path: Path) -> None:
    """Sums of the record, with what is shown only and why."""
    build(RAN, SHOWN)
    text = words(tmp_path)
    assert "2026-11-21 06:00 UTC, commit 0123456789ab" in text
    assert "ran 1 50 % covered 0 0 %" in text
    assert "shown only 1 50 % all 2 100 %" in text
    assert "A page 2 1 ran, 1 shown only" in text
    assert "A page A page needs a service" in text
    assert "2 blocks of code and output on 1 page" in text
    assert "50 % of them executed or checked" in text
    assert "2 ways to run Celery: eager, worker" in text


def test_without_a_record(build: Build, tmp_path: Path) -> None:
    """Nothing is claimed."""
    assert build() == ""
    assert badges(tmp_path) == ["not verified in this build"] * 2
    assert "This build is not verified" in words(tmp_path)


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        (
            [replace(RAN, digest=text_digest("print(2)")), SHOWN],
            "the text of this block is not the one",
        ),
        ([replace(RAN, language="pycon"), SHOWN], "a block in python, in the record pycon"),
        ([SHOWN, RAN], "in the record text"),
        ([RAN], "shows 2 blocks, the record of the run has 1"),
    ],
    ids=["text", "language", "order", "count"],
)
def test_a_difference_is_a_warning(
    build: Build, tmp_path: Path, blocks: list[BlockRecord], complaint: str
) -> None:
    """A strict build fails, and no badge of the page claims anything."""
    warnings = build(*blocks)
    assert "WARNING" in warnings
    assert complaint in warnings
    assert badges(tmp_path) == ["not verified in this build"] * 2
    assert "not verified in this build 2 100 %" in words(tmp_path)


def test_a_new_record_rebuilds_the_pages(build: Build, tmp_path: Path) -> None:
    """The next build shows the new verdict, though no page has changed."""
    build(RAN, SHOWN)
    build(replace(RAN, lanes=["files"]), SHOWN)
    assert badges(tmp_path)[0] == "ran · Celery 5.7.0 · files"
    assert "ways to run Celery: files" in words(tmp_path)


def test_the_rendered_blocks_are_written(build: Build, tmp_path: Path) -> None:
    """Language and text of each block, in order, for all pages."""
    target = tmp_path / "rendered.json"
    build(builder="dummy", options=("-D", f"verdicts_rendered_file={target}"))
    rendered = json.loads(target.read_text(encoding="utf-8"))
    assert rendered == {
        "index": [
            {"language": "python", "text": "print(1)"},
            {"language": "text", "text": "Killed\n"},
        ],
        "reference/verified": [],
    }
