"""The settings, the schedule, and the files that must agree with them."""

import re
import runpy
from pathlib import Path

import pytest
from celery import Celery
from celery.schedules import crontab
from celery.signals import heartbeat_sent
from dotenv import dotenv_values
from pydantic import ValidationError
from shop.config import Settings, get_settings

from conftest import ENVIRONMENT

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
TIMEOUTS = {"socket_connect_timeout": 5, "socket_timeout": 5}


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert {error["loc"] for error in caught.value.errors()} == {
        ("broker_url",),
        ("result_backend",),
    }


def test_the_example_has_every_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in dotenv_values(ROOT / ".env.example").items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    for url in (settings.broker_url, settings.result_backend):
        assert url.get_secret_value() == "redis://127.0.0.1:6379/0"


def test_the_containers_have_every_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in re.findall(r"^ +(SHOP_\w+): (.+)$", COMPOSE, re.MULTILINE):
        monkeypatch.setenv(name, value.strip("'"))
    settings = Settings()
    for url in (settings.broker_url, settings.result_backend):
        assert url.get_secret_value() == "redis://redis:6379/0"
    assert settings.result_backend_transport_options == {"retry_policy": {"max_retries": 1}}


def test_git_does_not_take_the_copy() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_tests_bring_their_settings(celery_app: Celery) -> None:
    assert get_settings().broker_url.get_secret_value() == celery_app.conf.broker_url == "memory://"
    assert celery_app.conf.result_backend == "cache+memory://"


def test_only_json_is_accepted(celery_app: Celery) -> None:
    assert list(celery_app.conf.accept_content) == ["json"]


def test_beat_sends_tasks_that_exist(celery_app: Celery) -> None:
    celery_app.loader.import_default_modules()
    schedule = celery_app.conf.beat_schedule.values()
    assert {entry["task"] for entry in schedule} <= celery_app.tasks.keys()


def test_a_silent_redis_holds_nobody_for_long(celery_app: Celery) -> None:
    conf = celery_app.conf
    assert Settings().broker_transport_options == TIMEOUTS
    assert (conf.redis_socket_connect_timeout, conf.redis_socket_timeout) == (5, 5)
    assert conf.task_publish_retry_policy == {"interval_start": 0, "max_retries": 1}


def test_a_worker_that_dies_gives_its_tasks_back(celery_app: Celery) -> None:
    conf = celery_app.conf
    assert conf.task_acks_late
    assert conf.task_retry_on_worker_lost
    assert conf.broker_connection_retry_on_startup


def test_only_what_is_asked_for_is_kept(celery_app: Celery) -> None:
    conf = celery_app.conf
    assert (conf.task_ignore_result, conf.result_expires) == (True, 3600)
    nightly = conf.beat_schedule["report-of-the-year"]
    assert nightly["schedule"] == crontab(hour=3, minute=0)
    assert nightly["options"] == {"ignore_result": True, "expires": 9 * 3600}


def test_a_stop_waits_for_the_longest_task(celery_app: Celery) -> None:
    worker = COMPOSE.partition("\n  worker:")[2]
    minutes = int(re.search(r"stop_grace_period: (\d+)m\n", worker)[1])
    assert celery_app.conf.task_time_limit < minutes * 60


def test_the_image_has_what_compose_starts() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "USER shop" in dockerfile
    for names in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE):
        assert all((ROOT / name).exists() for name in names.split())


def test_each_heartbeat_touches_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "heartbeat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", str(file))
    # As long as this lives, the signal does.
    module = runpy.run_path(str(ROOT / "shop" / "heartbeat.py"))
    heartbeat_sent.send(sender=None)
    assert file.exists()
    heartbeat_sent.disconnect(module["touch"])
