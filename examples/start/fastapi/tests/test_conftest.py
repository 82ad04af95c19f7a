"""The tests leave the brokers and workers of others alone."""

from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import ANY, call, patch

import pytest
from celery.app.control import Control
from shop.celery_app import celery_app
from shop.config import settings

import conftest


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a developer may have set for another project."""
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "memory://elsewhere")


@pytest.mark.usefixtures("exported", "client")
def test_no_variable_sends_the_tests_elsewhere() -> None:
    conf = celery_app.conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


@pytest.mark.usefixtures("client")
def test_the_lane_decides_who_runs_the_tasks(pytestconfig: pytest.Config) -> None:
    lane = pytestconfig.getoption("--lane")
    assert celery_app.conf.task_always_eager == (lane == "eager")
    if lane == "worker":
        assert celery_app.conf.broker_transport_options == {"polling_interval": 0.01}


@pytest.mark.usefixtures("client")
def test_the_tests_do_not_wait_for_a_mail_server() -> None:
    assert settings.mail_seconds == 0


def test_only_this_worker_is_stopped(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = contextmanager(unwrap(conftest.client))
    with (
        patch.object(Control, "shutdown", autospec=True, side_effect=Control.shutdown) as shutdown,
        client(monkeypatch),
    ):
        control = celery_app.control
    stopped = {"eager": [], "worker": [call(control, destination=[ANY])]}
    assert shutdown.call_args_list == stopped[pytestconfig.getoption("--lane")]
