"""The checks find what Celery would ignore, and nothing else."""

import pytest
from celery import Celery
from celery.app.defaults import _TO_NEW_KEY, DEFAULTS
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings
from shop.checks import overridden_settings, unknown_settings


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("CELERY_MAX_TASKS_PER_CHILD", "CELERY_WORKER_MAX_TASKS_PER_CHILD"),
        ("CELERY_BEAT_SHEDULE", "CELERY_BEAT_SCHEDULE"),
        ("CELERYD_CONCURENCY", "CELERY_WORKER_CONCURRENCY"),
    ],
)
def test_a_wrong_name_is_an_error(settings: Settings, name: str, suggestion: str) -> None:
    setattr(settings, name, 1)
    with pytest.raises(SystemCheckError) as caught:
        call_command("check")
    assert f"?: (shop.E001) Nothing reads {name}." in str(caught.value)
    assert f"HINT: Did you mean {suggestion}?" in str(caught.value)


@pytest.mark.parametrize("name", ["CELERY", "CELERY_EAGER"])
def test_a_name_that_is_near_none_has_no_hint(settings: Settings, name: str) -> None:
    setattr(settings, name, 1)
    [error] = unknown_settings()
    assert (error.msg, error.hint) == (f"Nothing reads {name}.", None)


def test_no_name_of_celery_is_an_error(settings: Settings) -> None:
    for name in [f"CELERY_{key.upper()}" for key in DEFAULTS] + [*_TO_NEW_KEY]:
        setattr(settings, name, None)
    assert unknown_settings() == []


@pytest.mark.parametrize(
    "name",
    [
        "CELERY_BEAT_GID",
        "CELERY_BEAT_UMASK",
        "CELERY_CASSANDRA_SECURE_BUNDLE_PATH",
        "CELERY_DB_REUSE_MAX",
        "CELERY_EVENTS_EXECUTABLE",
        "CELERY_FIRESTORE_PROJECT",
        "CELERY_GCS_THREADPOOL_MAXSIZE",
        "CELERY_REDIS_BACKEND_CREDENTIAL_PROVIDER",
        "CELERY_REDIS_BACKEND_HEALTH_CHECK_INTERVAL",
        "CELERY_REDIS_CLIENT_NAME",
        "CELERY_RESULT_BACKEND_THREAD_SAFE",
        "CELERY_WORKER_LOGFILE",
        "CELERY_WORKER_PIDFILE",
        "CELERY_WORKER_UID",
    ],
)
def test_a_name_that_is_not_in_celerys_list_is_no_error(settings: Settings, name: str) -> None:
    setattr(settings, name, 1)
    assert unknown_settings() == []


@pytest.mark.usefixtures("untouched")
def test_the_settings_of_the_shop_are_fine() -> None:
    assert run_checks(tags=["celery"]) == []


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("value", ["redis://redis.example.org/0", "memory://"])
def test_a_variable_that_overrides_a_setting_is_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis.example.org/0")
    settings.CELERY_BROKER_URL = value
    found = {(warning.id, warning.msg) for warning in overridden_settings()}
    wrong = {("shop.W001", "CELERY_BROKER_URL is not in force.")}
    assert found == (wrong if value == "memory://" else set())


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("value", [None, ""])
def test_a_setting_without_a_value_overrides_nothing(settings: Settings, value: str | None) -> None:
    settings.CELERY_BROKER_READ_URL = value
    assert overridden_settings() == []


def test_what_the_code_overrides_is_reported(
    untouched: Celery, capsys: pytest.CaptureFixture[str]
) -> None:
    untouched.conf.task_ignore_result = False
    call_command("check")
    report = capsys.readouterr().err
    assert "?: (shop.W001) CELERY_TASK_IGNORE_RESULT is not in force." in report
    assert "HINT: Look for a variable of that name, for Celery(...) and for app.conf." in report


@pytest.mark.usefixtures("untouched")
def test_celery_alone_says_nothing(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    settings.CELERY_MAX_TASKS_PER_CHILD = 100
    assert {error.id for error in run_checks()} == {"shop.E001"}
    plain = Celery("plain", set_as_current=False)
    plain.loader.import_default_modules()  # as a worker does when it starts
    assert capfd.readouterr() == ("", "")


def test_a_worker_does_not_start_with_a_wrong_name(
    settings: Settings, celery_app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_MAX_TASKS_PER_CHILD = 100
    with pytest.raises(SystemExit, match=r"\(shop\.E001\) Nothing reads CELERY_MAX_TASKS_PER_CH"):
        celery_app.loader.import_default_modules()
    monkeypatch.setenv("CELERY_SKIP_CHECKS", "true")
    celery_app.loader.import_default_modules()


def test_migrate_refuses_a_wrong_name(settings: Settings) -> None:
    settings.CELERY_MAX_TASKS_PER_CHILD = 100
    with pytest.raises(SystemCheckError, match=r"shop\.E001"):
        call_command("migrate", skip_checks=False)


def test_the_check_can_be_silenced(settings: Settings) -> None:
    settings.CELERY_MAX_TASKS_PER_CHILD = 100
    settings.SILENCED_SYSTEM_CHECKS = ["shop.E001"]
    call_command("check")
