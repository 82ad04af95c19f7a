"""Which commands begin without a shell, and that a shell's changes last."""

from __future__ import annotations

from pathlib import Path

import pytest

from verify.shell import Terminal


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sh x 'a b'", ["x", "a b"]),
        ("A=1 B='2 3' sh x", ["x"]),
        ("sh \\\n    x", ["x"]),
        ("""sh '["$a"]' "b c" '*'""", ['["$a"]', "b c", "*"]),
        ("sh x | sh y", None),
        ("sh x > y", None),
        ("sh $HOME", None),
        ('sh "$HOME"', None),
        ('sh "`x`"', None),
        ("sh *.py", None),
        ("sh x # why", None),
        ("sh x\nsh y", None),
        ("export A=1", None),
        ("cd x", None),
        (". x", None),
        ("no-such-program x", None),
    ],
)
def test_words(line: str, words: list[str] | None, tmp_path: Path) -> None:
    with Terminal(tmp_path, None) as terminal:
        found, env = terminal.words(line)
        assert (found and found[1:]) == words
        assert env.get("A") == ("1" if line.startswith("A=1") else None)
        assert "A" not in terminal.env


def test_what_a_shell_changes_lasts(tmp_path: Path) -> None:
    with Terminal(tmp_path, None) as terminal:
        terminal.run("mkdir inner && export A='1 2'")
        terminal.run("cd inner")
        assert terminal.run("sh -c 'echo $A; pwd'") == (0, f"1 2\n{terminal.folder}/inner\n")
        assert terminal.run("unset A") == (0, "")
        assert terminal.run("printenv A") == (1, "")
