"""The finder: every way of showing code, where it comes from, and which of its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from verify.blocks import Block, PageError, Site

FILE = '"""Doc."""\n\n\ndef one() -> int:\n    return 1\n\n\ndef two() -> int:\n    return 2\n'


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return a folder with a site's settings and one example."""
    (tmp_path / "conf.py").write_text(
        'myst_enable_extensions = ["colon_fence"]\nhighlight_language = "text"\n'
    )
    (tmp_path / "code.py").write_text(FILE)
    (tmp_path / "old.py").write_text(FILE.replace("return 2", "return 3"))
    return tmp_path


def blocks(docs: Path, text: str) -> list[Block]:
    """Return the blocks of a page with this text."""
    (docs / "page.md").write_text(text)
    return Site(docs, docs).page(docs / "page.md").blocks


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("", (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (":pyobject: two", (8, 9)),
        (":lines: 4-5,8", (4, 5, 8)),
        (":start-at: def two", (8, 9)),
        (":start-at: return 1\n:end-before: return 2", (5, 6, 7, 8)),
        (":start-at: def one\n:end-at: return 1\n:dedent:", (4, 5)),
        (":pyobject: one\n:prepend: '# before'\n:append: '# after'", (None, 4, 5, None)),
        (":diff: old.py", (None, None, None, None, None, None, None, 9)),
    ],
)
def test_literalinclude_knows_its_lines(
    docs: Path, options: str, lines: tuple[int | None, ...]
) -> None:
    (block,) = blocks(docs, f"```{{literalinclude}} code.py\n:language: python\n{options}\n```\n")
    assert block.include
    assert block.include.lines == lines
    assert block.language == ("udiff" if "diff" in options else "python")


def test_a_literalinclude_without_options_does_not_swallow_the_next_block(docs: Path) -> None:
    first, second = blocks(docs, "```{literalinclude} code.py\n```\n\n```python\nx = 1\n```\n")
    assert first.text == FILE.rstrip()
    assert (second.text, second.line) == ("x = 1", 4)


def test_nested_blocks_keep_their_line(docs: Path) -> None:
    page = "# T\n\n:::::{tabs}\n::::{group-tab} Linux\n\n- item\n\n  ```python\n  x = 1\n  ```\n::::\n:::::\n"
    (block,) = blocks(docs, page)
    assert (block.text, block.line, block.content_line, block.heading) == ("x = 1", 8, 9, "T")


def test_what_is_not_shown_is_no_block(docs: Path) -> None:
    assert blocks(docs, "<!--\n```python\n1 / 0\n```\n-->\n\n% ```python\n") == []


def test_languages_are_as_written(docs: Path) -> None:
    found = blocks(docs, "```PyCon\n```\n\n~~~python\n~~~\n\n```\n```\n\n    indented\n")
    assert [block.language for block in found] == ["PyCon", "python", "text", "text"]


def test_a_block_does_not_begin_with_an_empty_line(docs: Path) -> None:
    with pytest.raises(PageError, match=r"page\.md:3: the block begins with an empty line"):
        blocks(docs, "# T\n\n```{literalinclude} code.py\n:start-after: return 1\n```\n")
