"""What the check says, and the settings."""

import os
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from kombu.transport.redis import Channel
from shop import fill, redis_check
from shop.celery_app import REDIS_URL, SETTINGS, celery_app

GOOD = {
    "maxmemory_policy": "noeviction",
    "evicted_keys": 0,
    "aof_enabled": 1,
    "maxmemory": 1000,
    "used_memory": 800,
}
BAD = [
    ({"maxmemory_policy": "volatile-lru"}, "maxmemory-policy is volatile-lru, not noeviction"),
    ({"evicted_keys": 1}, "it has evicted keys"),
    ({"aof_enabled": 0}, "appendonly is no"),
    ({"used_memory": 801}, "its memory is almost full"),
]


class FakeRedis:
    """A Redis server that has some messages in its queue."""

    def __init__(self, waiting: int = 0, **info: object) -> None:
        """Remember what it has."""
        self.waiting = waiting
        self.about = GOOD | info

    def info(self) -> dict[str, Any]:
        """Say how it is."""
        return self.about

    def llen(self, name: str) -> int:
        """Count the messages."""
        assert name == "celery"
        return self.waiting


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    """Have the app connect to a fake."""
    fake = FakeRedis()
    connection = SimpleNamespace(default_channel=SimpleNamespace(client=fake))
    monkeypatch.setattr(celery_app, "connection_for_write", lambda: nullcontext(connection))
    return fake


@pytest.mark.parametrize(("info", "problem"), BAD)
def test_a_problem(info: dict[str, Any], problem: str) -> None:
    assert redis_check.problems(FakeRedis(**info)) == [problem]


@pytest.mark.parametrize("info", [{}, {"maxmemory": 0}])
def test_no_problem(info: dict[str, Any]) -> None:
    assert redis_check.problems(FakeRedis(**info)) == []


@pytest.mark.parametrize(
    ("info", "status", "output"),
    [
        ({}, 0, "ready to be a broker\n"),
        ({"aof_enabled": 0, "evicted_keys": 3}, 1, "it has evicted keys\nappendonly is no\n"),
    ],
)
def test_the_command(
    info: dict[str, Any],
    status: int,
    output: str,
    redis: FakeRedis,
    capsys: pytest.CaptureFixture[str],
) -> None:
    redis.about |= info
    with pytest.raises(SystemExit) as exit_:
        redis_check.main()
    assert exit_.value.code == status
    assert capsys.readouterr().out == output


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("waiting", "said"), [(2, "2 sent, all of them wait"), (1, "2 sent, not all of them wait")]
)
def test_filling(waiting: int, said: str) -> None:
    assert fill.fill(FakeRedis(waiting), 2) == said


def test_the_settings_are_ones_that_kombu_and_celery_know() -> None:
    app = Celery("test", set_as_current=False)
    assert SETTINGS.keys() <= set(app.conf.keys())
    assert SETTINGS["broker_transport_options"].keys() <= set(Channel.from_transport_options)
    app.conf.update(SETTINGS)
    assert app.conf.broker_url == app.conf.result_backend == REDIS_URL
    assert os.environ.get("SHOP_REDIS_URL", "redis://127.0.0.1:6379/0") == REDIS_URL
    assert "shop.tasks" in celery_app.conf.include
    assert app.conf.task_ignore_result
    assert app.conf.result_expires.total_seconds() == 3600
    assert app.backend.task_keyprefix == b"shop:celery-task-meta-"
    assert app.backend.connparams["socket_timeout"] == 5
    assert app.backend.connparams["socket_connect_timeout"] == 5


def test_the_options_of_the_broker() -> None:
    assert SETTINGS["broker_transport_options"] == {
        "global_keyprefix": "shop:",
        "visibility_timeout": 7200,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "health_check_interval": 5,
    }
