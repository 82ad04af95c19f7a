"""The program that starts a small Redis."""

from unittest.mock import MagicMock

import pytest
from shop import small_redis


def test_it_says_when_the_server_is_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    popen = MagicMock()
    popen.return_value.__enter__.return_value.stdout = [
        "Redis is starting\n",
        "The server is now ready to accept connections at redis.sock\n",
        "Ready to exit\n",
    ]
    monkeypatch.setattr(small_redis.subprocess, "Popen", popen)
    monkeypatch.setattr(small_redis.sys, "argv", ["small_redis", "--appendonly", "yes"])
    small_redis.main()
    assert capsys.readouterr().out == "redis-server is ready\n"
    (command,) = popen.call_args.args
    given = dict(zip(command[1::2], command[2::2], strict=True))
    assert command[0] == "redis-server"
    assert given == {
        "--port": "0",
        "--unixsocket": "redis.sock",
        "--save": "",
        "--maxmemory": "3mb",
        "--maxmemory-policy": "allkeys-lru",
        "--appendonly": "yes",
    }
