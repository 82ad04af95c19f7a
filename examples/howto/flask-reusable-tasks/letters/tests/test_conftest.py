"""The tests leave the brokers and workers of others alone."""

from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import MagicMock

import pytest

import conftest


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a developer may have set for another project."""
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "memory://elsewhere")


@pytest.mark.usefixtures("exported")
def test_no_variable_sends_the_tests_elsewhere(request: pytest.FixtureRequest) -> None:
    conf = request.getfixturevalue("celery_app").conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")
    options = {"eager": {}, "worker": {"polling_interval": 0.01}}
    assert conf.broker_transport_options == options[request.config.getoption("--lane")]


def test_only_this_worker_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    config, start_worker, shutdown = MagicMock(), MagicMock(), MagicMock()
    config.config.getoption.return_value = "worker"
    monkeypatch.setattr(conftest, "start_worker", start_worker)
    with contextmanager(unwrap(conftest.celery_app))(config, monkeypatch) as celery_app:
        monkeypatch.setattr(celery_app.control, "shutdown", shutdown)
    hostname = start_worker.return_value.__enter__.return_value.hostname
    shutdown.assert_called_once_with(destination=[hostname])
    start_worker.assert_called_once_with(celery_app, perform_ping_check=False)
