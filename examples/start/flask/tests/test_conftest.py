"""The tests leave the brokers and workers of others alone."""

from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import ANY, call, patch

import pytest
from celery.app.control import Control

import conftest


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a developer may have set for another project."""
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "memory://elsewhere")


@pytest.mark.usefixtures("exported")
def test_no_variable_sends_the_tests_elsewhere(request: pytest.FixtureRequest) -> None:
    conf = request.getfixturevalue("app").extensions["celery"].conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


def test_only_this_worker_is_stopped(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = contextmanager(unwrap(conftest.app))
    with (
        patch.object(Control, "shutdown", autospec=True, side_effect=Control.shutdown) as shutdown,
        app(request, monkeypatch) as flask_app,
    ):
        control = flask_app.extensions["celery"].control
    stopped = {"eager": [], "worker": [call(control, destination=[ANY])]}
    assert shutdown.call_args_list == stopped[request.config.getoption("--lane")]
