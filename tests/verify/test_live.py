"""What a run may not have: services, newer packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from verify import needs

ROOT = Path(__file__).parents[2]
WRONG = ROOT / "tests" / "verify" / "wrong"


def verify(page: str, place: Path, *options: str, **variables: str) -> tuple[int, str]:
    """Verify one page of the wrong site; return the exit code and the output."""
    command = [sys.executable, "-m", "pytest", str(WRONG / page), "-p", "no:cacheprovider"]
    command += ["-o", f"verify_docs={WRONG.relative_to(ROOT)}"]
    command += ["-o", f"verify_record={place / 'record.json'}"]
    run = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_a_block_that_is_left_out_is_shown_only_with_its_reason(tmp_path: Path) -> None:
    code, output = verify("right-needs.md", tmp_path)
    assert code == 0, output
    record = json.loads((tmp_path / "record.json").read_text())
    (page,) = record["pages"].values()
    verdicts = [(block["verdict"], block["reason"]) for block in page["blocks"]]
    assert [verdict for verdict, _ in verdicts] == ["shown only"] * 3 + ["session"]
    assert verdicts[0][1].startswith("needs Django >=99; this run has ")
    assert verdicts[1][1].startswith("needs Python >=99.9; this run has 3.")
    assert verdicts[2][1] == "needs Redis: nox -s live runs it"


def test_the_live_lane_says_which_service_is_missing(tmp_path: Path) -> None:
    code, output = verify("right-needs.md", tmp_path, "--live", REDIS_URL="redis://127.0.0.1:1/0")
    assert code != 0
    assert "Redis does not answer at 127.0.0.1:1" in output
    assert "Start it: docker run --rm -p 127.0.0.1:6379:6379 redis" in output


def test_the_live_lane_leaves_pages_without_services_alone(tmp_path: Path) -> None:
    code, output = verify("right.md", tmp_path, "--live")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, output


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        ("redis", True),
        ("postgresql-tls", True),
        ("django>=6.0", True),
        ("python>=3.12", True),
        ("django", False),
        ("mysql", False),
        ("celery>=5", False),
        ("", False),
    ],
)
def test_what_a_run_can_have(need: str, expected: bool) -> None:  # noqa: FBT001
    assert needs.known(need) is expected


def test_a_project_for_another_python(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[project]\nrequires-python = ">=99"\n')
    assert needs.python_too_old(tmp_path).startswith("needs Python >=99; this run has 3.")
    settings.write_text('[project]\nrequires-python = ">=3.11"\n')
    assert needs.python_too_old(tmp_path) == ""
