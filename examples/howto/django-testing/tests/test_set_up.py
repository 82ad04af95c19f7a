"""Celery is set up for the tests, whoever runs them."""

from unittest.mock import patch

import pytest
from config import celery_app
from config.testing import CeleryRunner, set_up_celery
from django.conf import settings
from django.test.runner import DiscoverRunner
from django.test.utils import get_runner, override_settings
from shop.models import Order
from shop.tasks import send_receipt


@pytest.mark.parametrize(
    "name",
    [
        "CELERY_BROKER_URL",
        "CELERY_BROKER_READ_URL",
        "CELERY_BROKER_WRITE_URL",
        "CELERY_RESULT_BACKEND",
    ],
)
def test_no_variable_sends_the_tests_elsewhere(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "redis://redis.example.org/0")
    set_up_celery()
    conf = celery_app.conf
    assert conf.broker_url == conf.broker_read_url == conf.broker_write_url == "memory://"
    assert conf.result_backend == "cache+memory://"


def test_the_runner_sets_up_celery() -> None:
    assert get_runner(settings) is CeleryRunner
    celery_app.conf.task_always_eager = False
    with patch.object(DiscoverRunner, "setup_test_environment") as inherited:
        CeleryRunner(interactive=False).setup_test_environment()
    inherited.assert_called_once_with()
    assert celery_app.conf.task_always_eager


def test_so_do_the_processes_of_a_parallel_run() -> None:
    assert CeleryRunner.parallel_test_suite.process_setup is set_up_celery


@pytest.mark.django_db
def test_the_error_of_an_eager_task_comes_out() -> None:
    with pytest.raises(Order.DoesNotExist):
        send_receipt.delay(0)


def test_change_a_setting_for_one_test() -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setitem(celery_app.conf, "task_always_eager", False)
        assert not celery_app.conf.task_always_eager
    assert celery_app.conf.task_always_eager


def test_pytest_cannot_put_an_attribute_back() -> None:
    message = "'Settings' object has no attribute 'task_always_eager'"
    with pytest.raises(AttributeError, match=message), pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(celery_app.conf, "task_always_eager", False)
    assert not celery_app.conf.task_always_eager
    set_up_celery()


@override_settings(CELERY_TASK_ALWAYS_EAGER=False)
def test_what_is_set_on_the_app_wins() -> None:
    assert celery_app.conf.task_always_eager


def test_pytest_has_used_the_task_before_the_first_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(celery_app.conf, "task_store_eager_result", True)
    assert not send_receipt.store_eager_result
