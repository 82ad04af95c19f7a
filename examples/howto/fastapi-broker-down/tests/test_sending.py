"""What .delay() does when the broker is ill."""

import json
from collections.abc import Callable
from threading import Thread

import pytest
from broker import Broker
from celery import Celery, current_app
from kombu.exceptions import OperationalError
from shop.celery_app import celery_app
from shop.config import Settings, get_settings

TIMEOUTS = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}


def naive(url: str) -> Celery:
    """Return an app with the defaults of Celery."""
    return Celery(broker=url, set_as_current=False)


def bounded(url: str) -> Celery:
    """Return an app with the settings of the shop, and shorter timeouts."""
    app = naive(url)
    app.conf.task_publish_retry_policy = celery_app.conf.task_publish_retry_policy
    app.conf.broker_transport_options = TIMEOUTS
    return app


def test_the_settings_of_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SHOP_{name.upper()}", raising=False)
    assert Settings().model_dump() == {
        "database_url": "sqlite:///shop.db",
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": {"socket_connect_timeout": 1, "socket_timeout": 1},
        "late_seconds": 300,
        "result_backend": "redis://127.0.0.1:6379/0",
        "result_backend_transport_options": {},
    }
    policy = {"retry_policy": {"max_retries": 1}}
    monkeypatch.setenv("SHOP_RESULT_BACKEND_TRANSPORT_OPTIONS", json.dumps(policy))
    assert Settings().result_backend_transport_options == policy
    conf, settings = celery_app.conf, get_settings()
    assert conf.result_backend_transport_options is settings.result_backend_transport_options
    if conf.task_always_eager:  # the other lane has options of its own
        assert conf.broker_transport_options is settings.broker_transport_options
    assert conf.task_publish_retry_policy == {"interval_start": 0, "max_retries": 1}
    assert (conf.redis_socket_connect_timeout, conf.redis_socket_timeout) == (1, 1)
    assert conf.task_ignore_result is True
    assert conf.beat_schedule["announce-late-orders"] == {
        "task": "shop.tasks.announce_late_orders",
        "schedule": 60,
    }


@pytest.mark.parametrize(("app", "pauses"), [(naive, [0.2, 0.4]), (bounded, [])])
def test_a_broker_that_refuses(
    monkeypatch: pytest.MonkeyPatch, app: Callable[[str], Celery], pauses: list[float]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", slept.append)
    with pytest.raises(OperationalError, match="Connection refused"):
        app("redis://127.0.0.1:1/0").send_task("shop.tasks.send_receipt", (1,))
    assert slept == pytest.approx(pauses)


def test_other_threads_find_the_app() -> None:
    found: list[Celery] = []
    thread = Thread(target=lambda: found.append(current_app._get_current_object()))  # noqa: SLF001
    thread.start()
    thread.join()
    assert found == [celery_app]
    assert list(celery_app.conf.include) == ["shop.tasks"]


def test_a_silent_broker_holds_the_naive_version(broker: Broker) -> None:
    broker.silent = True
    app = naive(broker.url)
    thread = Thread(target=app.send_task, args=("shop.tasks.send_receipt", (1,)), daemon=True)
    thread.start()
    thread.join(timeout=0.3)
    assert thread.is_alive()
    broker.silent = False
    broker.recovered.set()
    thread.join(timeout=30)
    assert len(broker.messages) == 1


def test_a_silent_broker(broker: Broker) -> None:
    broker.silent = True
    with pytest.raises(OperationalError, match="Timeout reading from socket"):
        bounded(broker.url).send_task("shop.tasks.send_receipt", (1,))
    assert broker.messages == []


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("app", [naive, bounded])
def test_an_idle_connection_is_cut(
    broker: Broker, app: Callable[[str], Celery], *, reset: bool
) -> None:
    shop = app(broker.url)
    shop.send_task("shop.tasks.send_receipt", (1,))
    broker.cut(reset=reset)
    shop.send_task("shop.tasks.send_receipt", (2,))
    assert len(broker.messages) == 2


def test_an_idle_connection_is_forgotten(broker: Broker) -> None:
    shop = bounded(broker.url)
    shop.send_task("shop.tasks.send_receipt", (1,))
    broker.forget()
    shop.send_task("shop.tasks.send_receipt", (2,))
    assert len(broker.messages) == 2


def test_a_message_that_is_not_confirmed_is_sent_twice(broker: Broker) -> None:
    broker.swallow = 1
    shop = bounded(broker.url)
    result = shop.send_task("shop.tasks.send_receipt", (1,))
    assert [result.id in message.decode() for message in broker.messages] == [True, True]


def test_a_dead_result_backend_keeps_the_task_from_being_sent(broker: Broker) -> None:
    app = naive(broker.url)
    app.conf.result_backend = "redis://127.0.0.1:1/0"
    app.conf.result_backend_transport_options = {"retry_policy": {"max_retries": 1}}
    with pytest.raises(RuntimeError) as error:
        app.send_task("shop.tasks.make_report", (2026,))
    assert " ".join(str(error.value).split()) == (
        "Retry limit exceeded while trying to reconnect to the Celery result store backend. "
        "The Celery application must be restarted."
    )
    assert broker.messages == []


def test_a_retry_policy_has_no_timeout(broker: Broker) -> None:
    error = r"^Connection\.ensure\(\) got an unexpected keyword argument 'timeout'$"
    with pytest.raises(TypeError, match=error):
        naive(broker.url).send_task("shop.tasks.make_report", retry_policy={"timeout": 1})
