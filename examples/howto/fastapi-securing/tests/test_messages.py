"""What lies in the broker, in the log and in the result backend."""

import json
import logging

import pytest
from celery import Celery
from celery.signals import before_task_publish
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads
from payments import pay
from pydantic import ValidationError
from shop.config import Settings

TLS = "rediss://redis.example.org/0"
VERIFIED = f"{TLS}?ssl_cert_reqs=required"


@pytest.mark.filterwarnings("ignore:task_always_eager has no effect on send_task")
def test_argsrepr_hides_the_header_only(celery_app: Celery) -> None:
    celery_app.send_task("payments.pay", ("tok_4242",), argsrepr="('***',)")

    with celery_app.connection_for_read() as connection:
        message = connection.SimpleQueue("celery").get(timeout=2)
        message.ack()
    assert message.headers["argsrepr"] == "('***',)"  # Flower and the log of a failure
    assert json.loads(message.body)[0] == ["tok_4242"]  # the broker


def test_a_retry_forgets_argsrepr(celery_app: Celery, worker: None) -> None:
    if celery_app.conf.task_always_eager:
        return  # no message is sent
    shown: list[str] = []

    def record(headers: dict[str, str], **_: object) -> None:
        shown.append(headers["argsrepr"])

    before_task_publish.connect(record)
    result = pay.apply_async(("tok_4242",), argsrepr="('***',)")
    assert result.get(timeout=20, interval=0.01) == "paid"
    before_task_publish.disconnect(record)
    assert shown == ["('***',)", "('tok_4242',)"]


@pytest.mark.parametrize("extended", [False, True])
def test_extended_results_keep_the_arguments(extended: bool) -> None:  # noqa: FBT001
    app = Celery("payments", backend="cache+memory://", set_as_current=False)
    app.conf.update(task_always_eager=True, task_store_eager_result=True)
    app.conf.result_extended = extended

    @app.task
    def pay_once(token: str) -> str:
        return "paid"

    result = pay_once.apply_async(("tok_4242",), argsrepr="('***',)")
    meta = app.backend.get_task_meta(result.id)
    assert meta.get("args") == (["tok_4242"] if extended else None)


def test_only_json_is_read(celery_app: Celery) -> None:
    assert celery_app.conf.accept_content == ("json",)
    assert celery_app.conf.result_accept_content is None  # the same as accept_content
    assert celery_app.conf.task_serializer == celery_app.conf.result_serializer == "json"
    with pytest.raises(ContentDisallowed, match="untrusted content of type pickle"):
        loads(b"", "application/x-python-serialize", "binary", accept={"json"})


def test_results_are_kept_for_an_hour(celery_app: Celery) -> None:
    assert celery_app.conf.result_expires == 3600


def test_a_worker_drops_what_is_not_json(
    celery_app: Celery, worker: None, caplog: pytest.LogCaptureFixture
) -> None:
    if celery_app.conf.task_always_eager:
        return  # there is no worker
    with celery_app.connection_for_write() as connection, caplog.at_level(logging.ERROR):
        queue = connection.SimpleQueue("celery")
        queue.put(b"", content_type="application/x-python-serialize", content_encoding="binary")
    celery_app.tasks["shop.tasks.make_report"].delay(2026).get(timeout=20, interval=0.01)
    assert "Refusing to deserialize untrusted content of type pickle" in caplog.text


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:6379/0", VERIFIED, f"{VERIFIED};{VERIFIED}", "amqps://shop@mq/"]
)
def test_these_addresses_are_taken(url: str) -> None:
    assert Settings(broker_url=url, result_backend=url).broker_url == url


@pytest.mark.parametrize("field", ["broker_url", "result_backend"])
@pytest.mark.parametrize(
    "url",
    [
        TLS,
        TLS.upper(),
        f"{TLS}?ssl_cert_reqs=none",
        f"{TLS}?ssl_cert_reqs=optional",
        f"{VERIFIED}&ssl_cert_reqs=none",
        f"{VERIFIED};{TLS}",
        f"redis://127.0.0.1:6379/0;{TLS}",
    ],
)
def test_tls_with_anybody_is_refused(field: str, url: str) -> None:
    url = url.replace("//", "//shop:pa55word@")
    with pytest.raises(ValidationError, match="ssl_cert_reqs=required") as error:
        Settings(**{field: url})
    assert "pa55word" not in str(error.value)


def test_short_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="at least 32") as error:
        Settings(api_keys={"ada": "secret-1234"})
    assert "secret-1234" not in str(error.value)


def test_what_is_not_set_is_closed_and_on_this_machine() -> None:
    assert {name: field.default for name, field in Settings.model_fields.items()} == {
        "api_keys": {},
        "database_url": "sqlite:///shop.db",
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": {},
        "result_backend": "redis://127.0.0.1:6379/0",
        "docs": False,
        "max_body_size": 10_000,
        "reports_per_hour": 10,
    }


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_API_KEYS", json.dumps({"ada": "k" * 32}))
    assert Settings().api_keys["ada"].get_secret_value() == "k" * 32


def test_celery_warns_of_the_broker(caplog: pytest.LogCaptureFixture) -> None:
    warning = (
        "Secure redis scheme specified (rediss) with no ssl options, "
        "defaulting to insecure SSL behaviour."
    )
    with caplog.at_level(logging.WARNING):
        Celery(broker=TLS, set_as_current=False).connection_for_write()
    assert caplog.messages == [warning]


def test_celery_refuses_the_result_backend() -> None:
    with pytest.raises(ValueError, match="rediss") as error:
        _ = Celery(backend=TLS, set_as_current=False).backend.connparams
    assert str(error.value).strip() == (
        "A rediss:// URL must have parameter ssl_cert_reqs and this must be set to "
        "CERT_REQUIRED, CERT_OPTIONAL, or CERT_NONE"
    )
