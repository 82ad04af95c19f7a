"""The command line, and what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checkup import command
from checkup.finding import RULES, rule
from checkup.project import Project
from verify.downloads import write_checkup

ROOT = Path(__file__).parents[2]
SHOP = """
import os

from celery import Celery

celery_app = Celery("shop", broker=os.environ["BROKER_URL"])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project whose app does not load, as a variable is missing, with the checker in it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "shop.py").write_text(SHOP, encoding="utf-8")
    (folder / "old.py").write_text("print 'hello'\n", encoding="utf-8")
    write_checkup(folder / "checkup.pyz", "https://docs.example.org/")
    return folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the single file, without this repository on the path."""
    return subprocess.run(
        [sys.executable, "-P", "checkup.pyz", *arguments],
        cwd=project,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_text_says_where_why_and_which_page(project: Path) -> None:
    done = run(project, "flask", "-A", "shop:celery_app", "--select", "CK201")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("shop.py:6: CK201 error: ")
    assert "KeyError: 'BROKER_URL'" in lines[0]
    assert lines[1].strip() == "https://docs.example.org/checkup/app.html#ck201"
    assert lines[2].startswith("old.py:1: not read: ")
    assert lines[-1] == "1 file, no app: 1 error, 0 warnings, 0 notes"
    assert done.returncode == command.FOUND


def test_json_has_the_same(project: Path) -> None:
    done = run(project, "flask", "-A", "shop:celery_app", "--format", "json")
    about = json.loads(done.stdout)
    finding = next(finding for finding in about["findings"] if finding["code"] == "CK201")
    assert (finding["path"], finding["line"], finding["severity"]) == ("shop.py", 6, "error")
    assert about["not_read"][0]["path"] == "old.py"
    assert "CK301" in about["not_checked"]


def test_sarif_has_rules_and_places(project: Path) -> None:
    done = run(project, "flask", "-A", "shop:celery_app", "--format", "sarif", "--select", "CK2")
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0"
    result = log["runs"][0]["results"][0]
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "CK201"
    assert result["level"] == "error"
    assert "BROKER_URL" in result["message"]["text"]
    assert rules[result["ruleIndex"]]["helpUri"].startswith("https://docs.example.org/")
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("shop.py", 6)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--fail-on", "never"], 0),
        (["--fail-on", "error"], command.FOUND),
        (["--ignore", "CK2"], 0),
        (["--select", "CK9"], command.NOT_COMPLETE),
        (["nowhere"], command.NOT_COMPLETE),
    ],
)
def test_the_exit_status(project: Path, arguments: list[str], status: int) -> None:
    done = run(project, "flask", "-A", "shop:celery_app", *arguments)
    assert done.returncode == status, done.stderr
    assert ("checkup: " in done.stderr) == (status == command.NOT_COMPLETE)


def test_without_celery_it_says_what_to_do(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "checkup.pyz", "flask", "-A", "shop"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == command.NOT_COMPLETE
    assert "run checkup with the Python of your project" in done.stderr


def test_it_changes_nothing(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*.py")}
    run(project, "flask", "-A", "shop:celery_app")
    assert {path: path.read_bytes() for path in project.rglob("*.py")} == before


def test_a_rule_that_fails_does_not_hide_the_others(tmp_path: Path) -> None:
    command.load_rules()
    broken = RULES["CK201"].__class__("CK998", "note", "x", "X.", "index", lambda _: 1 / 0)
    found, skipped, failed = command.check(
        Project(tmp_path, "flask", "shop", app_error=ValueError("no app")),
        [broken, RULES["CK201"]],
    )
    assert [finding.rule.code for finding in found] == ["CK201"]
    assert skipped == []
    assert [(rule.code, type(error)) for rule, error in failed] == [("CK998", ZeroDivisionError)]


def test_two_rules_cannot_have_one_code() -> None:
    command.load_rules()
    with pytest.raises(ValueError, match="CK201 is app-not-loaded already"):
        rule("CK201", "error", "other", "Other.", "index")
    with pytest.raises(ValueError, match="'bad' is none of"):
        rule("CK999", "bad", "other", "Other.", "index")
