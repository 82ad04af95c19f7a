"""A session that kombu's own race has ended is followed again, any other failure is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from verify.blocks import Page
from verify.verdicts import session

PAGE = Page(Path("page.md"), "page", [], [], {})


@pytest.mark.parametrize(
    ("answers", "expected", "runs"),
    [
        ([{}], {}, 1),
        ([{1: "wrong"}, {}], {1: "wrong"}, 1),
        ([{1: "wrong", 2: f"log:\n{session.RACE}"}, {}], {}, 2),
        ([{1: session.RACE}] * 4, {1: session.RACE}, 3),
    ],
)
def test_only_the_race_is_followed_again(
    answers: list[dict[int, str]],
    expected: dict[int, str],
    runs: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = list(answers)
    monkeypatch.setattr(session, "follow_once", lambda *_: waiting.pop(0))
    assert session.follow(PAGE, Path(), set(), {}) == expected
    assert len(answers) - len(waiting) == runs
