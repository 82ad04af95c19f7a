"""The tests leave the brokers and workers of others alone."""

from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import ANY, call, patch

import pytest
from celery import Celery
from celery.app.control import Control
from django.test import Client
from pytest_django import Settings

import conftest


def test_no_variable_sends_the_tests_elsewhere(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "memory://elsewhere")
    with contextmanager(unwrap(conftest.celery_app))(pytestconfig) as app:
        conf = app.conf
        assert (conf.broker_url, conf.result_backend) == ("memory://", None)
        assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


def test_the_lane_is_what_its_name_says(celery_app: Celery, pytestconfig: pytest.Config) -> None:
    lane = pytestconfig.getoption("--lane")
    assert celery_app.conf.task_always_eager is (lane == "eager")
    if lane == "worker":
        assert celery_app.conf.broker_transport_options == {"polling_interval": 0.01}


@pytest.mark.usefixtures("transactional_db")
def test_only_this_worker_is_stopped(celery_app: Celery, settings: Settings) -> None:
    client = contextmanager(unwrap(conftest.client))
    with (
        patch.object(Control, "shutdown", autospec=True, side_effect=Control.shutdown) as shutdown,
        client(Client(), celery_app, None, settings),
    ):
        assert settings.MAIL_SECONDS == 0
    stopped = [call(celery_app.control, destination=[ANY])]
    assert shutdown.call_args_list == ([] if celery_app.conf.task_always_eager else stopped)
