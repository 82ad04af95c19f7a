"""What is counted, with messages as kombu writes them."""

import json
from typing import Self

import pytest
from shop import waiting


class FakeRedis:
    """Two messages in a queue, one of which a worker holds, and one of another queue."""

    def lrange(self, key: str, first: int, last: int) -> list[bytes]:
        """Return the messages that nobody has taken."""
        assert (first, last) == (0, -1)
        return [message("send_receipt")] if key == "shop:celery" else []

    def hvals(self, key: str) -> list[bytes]:
        """Return the messages that workers hold."""
        assert key == "shop:unacked"
        return [
            held("send_receipt", "celery"),
            held("mail_receipt", "celery"),
            held("tidy", "slow"),
        ]

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""


def message(name: str) -> bytes:
    """Return a message, as far as it matters."""
    return json.dumps({"headers": {"task": name}}).encode()


def held(name: str, queue: str) -> bytes:
    """Return what the broker keeps until a worker acknowledges."""
    return json.dumps([{"headers": {"task": name}}, "", queue]).encode()


def test_count(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(waiting.Redis, "from_url", lambda _: FakeRedis())
    monkeypatch.setattr("sys.argv", ["waiting", "celery"])
    monkeypatch.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", '{"global_keyprefix": "shop:"}')
    waiting.main()
    assert capsys.readouterr().out == "     1 mail_receipt\n     2 send_receipt\n"
