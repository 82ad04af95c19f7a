"""Who is believed to be the broker."""

import importlib
import runpy
import ssl
import sys
from unittest.mock import Mock

import broker
import check
import pytest
from redis.exceptions import RedisError
from shop import celery_app
from shop.celery_app import checked
from shop.tasks import send_receipt

from conftest import TLSServer

BEFORE_AMQP = (OSError, EOFError)


@pytest.mark.usefixtures("worker")
def test_the_task() -> None:
    assert send_receipt.delay(42).get(timeout=5, interval=0.01) == "sent the receipt of order 42"


@pytest.mark.parametrize("url", ["rediss://h/0?ssl_cert_reqs=required", "amqps://h//", "memory://"])
def test_a_checked_url(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://h/0",
        "redis://h/0?ssl_cert_reqs=required",
        "rediss://h/0",
        "rediss://h/0?ssl_cert_reqs=none",
        "rediss://h/0?ssl_cert_reqs=optional",
        "rediss://h/0?ssl_cert_reqs=required&ssl_cert_reqs=none",
    ],
)
def test_an_unchecked_url(url: str) -> None:
    with pytest.raises(ValueError, match="ssl_cert_reqs=required"):
        checked(url)


@pytest.mark.parametrize("name", ["SHOP_BROKER_URL", "SHOP_RESULT_BACKEND"])
def test_the_app_does_not_start_without_tls(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "redis://h/0")
    with pytest.raises(ValueError, match="ssl_cert_reqs=required"):
        runpy.run_path(celery_app.__file__)


@pytest.mark.parametrize(
    ("host", "ca", "expected"),
    [
        ("localhost", "ca", "Connection closed by server"),  # the hands were shaken
        ("localhost", "other_ca", "CERTIFICATE_VERIFY_FAILED"),
        ("127.0.0.1", "ca", "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_redis(server: TLSServer, host: str, ca: str, expected: str) -> None:
    query = f"ssl_cert_reqs=required&ssl_ca_certs={getattr(server, ca)}"
    url = f"rediss://{host}:{server.port}/0?{query}"
    with pytest.raises(RedisError) as error:
        check.check(url, ["PING"])
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("host", "ca", "expected"),
    [
        ("localhost", "ca", None),
        ("localhost", "other_ca", "CERTIFICATE_VERIFY_FAILED"),
        ("127.0.0.1", "ca", "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_rabbitmq(
    server: TLSServer, monkeypatch: pytest.MonkeyPatch, host: str, ca: str, expected: str | None
) -> None:
    monkeypatch.setenv("SHOP_AMQP_URL", f"amqps://{host}:{server.port}//")
    monkeypatch.setenv("SHOP_AMQP_CA", str(getattr(server, ca)))
    sys.modules.pop("rabbitmq_celery", None)
    app = importlib.import_module("rabbitmq_celery").celery_app
    transport = app.connection_for_write().transport
    with pytest.raises(BEFORE_AMQP) as error:
        transport.establish_connection()
    assert isinstance(error.value, ssl.SSLCertVerificationError) is bool(expected)
    assert (expected or "") in str(error.value)


def test_redis_listens_with_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    execute = Mock()
    monkeypatch.setattr(broker.os, "execvp", execute)
    broker.start("6380")
    execute.assert_called_once_with(
        "redis-server", ["redis-server", "redis.conf", "--tls-port", "6380"]
    )
