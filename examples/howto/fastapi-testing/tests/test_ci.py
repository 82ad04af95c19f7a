"""What continuous integration relies on."""

import os
from pathlib import Path

import pytest
from shop.celery_app import celery_app

from conftest import LANES, pytest_configure

WORKFLOW = Path(__file__).parent.parent / ".github" / "workflows" / "tests.yml"


def test_each_lane_runs() -> None:
    workflow = WORKFLOW.read_text(encoding="utf-8")
    assert f"lane: [{', '.join(sorted(LANES))}]" in workflow
    assert "pytest --lane ${{ matrix.lane }}" in workflow
    assert "fail-fast: false" in workflow
    assert "permissions:\n  contents: read\n\n" in workflow


def test_no_variable_wins(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "redis://redis.example.org/0")
    pytest_configure(pytestconfig)
    assert not [name for name in os.environ if name.startswith("CELERY_")]
    urls = {celery_app.conf.broker_read_url, celery_app.conf.broker_write_url}
    assert urls == {"memory://"}
    assert celery_app.conf.result_backend == "cache+memory://"
