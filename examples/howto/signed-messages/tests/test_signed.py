"""What is signed, and what is refused."""

import json
import logging
from base64 import b64decode, b64encode
from inspect import signature
from pathlib import Path

import pytest
import stranger
from celery import Celery
from celery.exceptions import SecurityError
from celery.security.certificate import Certificate, FSCertStore
from celery.security.key import PrivateKey
from celery.security.serialization import SecureSerializer
from keys import make_key
from kombu.exceptions import ContentDisallowed, DecodeError
from kombu.serialization import dumps, loads
from shop.tasks import send_receipt

ORDER = [[42], {}, {}]


@pytest.mark.usefixtures("worker")
def test_the_task() -> None:
    assert send_receipt.delay(42).get(timeout=5, interval=0.01) == "sent the receipt of order 42"


@pytest.mark.usefixtures("worker")
def test_the_worker_refuses_a_stranger(
    celery_app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    if celery_app.conf.task_always_eager:
        return  # there is no worker
    stranger.app.conf.broker_url = "memory://"
    with caplog.at_level(logging.ERROR):
        stranger.send()
        send_receipt.delay(42).get(timeout=5, interval=0.01)
    assert "Refusing to deserialize untrusted content of type json" in caplog.text


def test_the_body_is_signed() -> None:
    content_type, encoding, body = dumps(ORDER, serializer="auth")
    assert loads(body, content_type, encoding, accept={"application/data"}) == ORDER

    changed = b64encode(b64decode(body).replace(b"[[42]", b"[[43]")).decode()
    with pytest.raises(DecodeError, match="Unable to deserialize"):
        loads(changed, content_type, encoding, accept={"application/data"})


def test_the_setting_of_the_digest_is_not_read(celery_app: Celery) -> None:
    assert celery_app.conf.security_digest == "sha256"
    assert signature(celery_app.setup_security).parameters["digest"].default == "sha256"


def test_the_body_is_no_secret() -> None:
    _, _, body = dumps(ORDER, serializer="auth")
    assert json.dumps(ORDER).encode() in b64decode(body)


def test_everything_is_signed(celery_app: Celery) -> None:
    conf = celery_app.conf
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"auth"}


def test_only_signed_messages_are_read() -> None:
    with pytest.raises(ContentDisallowed, match="content of type json"):
        loads(json.dumps(ORDER), "application/json", "utf-8")


def test_a_certificate_that_is_not_in_the_folder(folder: Path, tmp_path: Path) -> None:
    make_key("stranger", tmp_path / "key", tmp_path / "pem")
    key, certificate = ((tmp_path / name).read_text() for name in ("key", "pem"))
    trusted = FSCertStore(str(folder / "trusted"))
    signer = SecureSerializer(PrivateKey(key), Certificate(certificate), trusted)
    with pytest.raises(SecurityError, match="Unknown certificate: b'stranger 7'"):
        signer.deserialize(signer.serialize(ORDER))


def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    make_key("old", tmp_path / "key", tmp_path / "old.pem", days=-1)
    with pytest.raises(SecurityError, match="Expired certificate: 'old 7'"):
        FSCertStore(str(tmp_path / "*.pem"))


def test_only_rsa(tmp_path: Path) -> None:
    make_key("curve", tmp_path / "key", tmp_path / "pem", kind="ec")
    with pytest.raises(SecurityError, match="Non-RSA keys are not supported"):
        PrivateKey((tmp_path / "key").read_text())


def test_setting_up_twice_refuses_everything(celery_app: Celery) -> None:
    from kombu.serialization import registry

    before = registry._disabled_content_types.copy()  # noqa: SLF001
    celery_app.setup_security()
    content_type, encoding, body = dumps(ORDER, serializer="auth")
    with pytest.raises(ContentDisallowed, match="disabled content of type auth"):
        loads(body, content_type, encoding)
    registry._disabled_content_types = before  # noqa: SLF001
