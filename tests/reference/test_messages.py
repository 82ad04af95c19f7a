"""Every error message of the index comes from a program that is run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from verify.blocks import Site
from verify.verdicts import fails, ran, session, verdict_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Each index, and the level of its headings that are messages.
INDEXES = {"errors": 3, "errors-django": 2, "errors-fastapi": 2}
NO_MESSAGES = {"Check it on your machine"}
# What an entry says whose message no program here prints in these words.
ELSEWHERE = ("Not produced here:", "Produced by [")


def plain(text: str) -> str:
    """Return a text without what Markdown or a regular expression adds, with one address and single spaces."""
    text = re.sub(r"[`*]|\\(?=\W|_)", "", text)
    return " ".join(re.sub(r"\b0x[0-9a-f]+", "0x0", text).split())


def entries() -> list[tuple[str, str, str]]:
    """Return each message: its index, its heading, and its text."""
    found = []
    for name, level in INDEXES.items():
        text = (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")
        sections = re.split(rf"^{'#' * level} ", text, flags=re.MULTILINE)[1:]
        for section in sections:
            heading, _, body = section.partition("\n")
            if heading not in NO_MESSAGES:
                found.append((name, heading, body))
    return found


@cache
def printed() -> str:
    """Return what the checked blocks of all pages show."""
    site = Site(DOCS, ROOT)
    blocks = (block for path in site.pages() for block in site.page(path).blocks)
    return "\n".join(
        plain(block.text) for block in blocks if verdict_of(block) in (fails, session, ran)
    )


@cache
def expected() -> str:
    """Return what the tests of the examples expect."""
    files = (path for path in (ROOT / "examples").rglob("*.py") if "tests" in path.parts)
    joined = (re.sub(r'"\s+f?r?"', "", path.read_text(encoding="utf-8")) for path in files)
    return "\n".join(plain(text) for text in joined)


def is_produced(heading: str) -> bool:
    """Say whether a checked block or a test has all parts of a message, with or without the exception's name."""
    whole = plain(heading)
    for message in (whole, re.sub(r"^[\w.]+: ", "", whole)):
        parts = [part.strip() for part in re.split(r"…|\.\.\.", message)]
        known = [part for part in parts if len(part) > 3]
        lines = (*printed().split("\n"), *expected().split("\n"))
        if known and any(all(part in line for part in known) for line in lines):
            return True
    return False


def test_the_index_has_many_messages() -> None:
    assert len(entries()) > 200


@pytest.mark.parametrize(
    ("heading", "body"), [entry[1:] for entry in entries()], ids=[entry[1] for entry in entries()]
)
def test_a_message_comes_from_a_program(heading: str, body: str) -> None:
    assert is_produced(heading) or any(words in body for words in ELSEWHERE), (
        f"no program prints {heading!r}: show one on the page that the entry links to"
    )


@pytest.mark.parametrize(
    "heading", ["ValueError: nobody raises this message", "SyntaxError: a … b … nobody says this"]
)
def test_a_message_that_nothing_prints_is_noticed(heading: str) -> None:
    assert not is_produced(heading)
