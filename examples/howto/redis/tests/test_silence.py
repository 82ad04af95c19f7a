"""What a worker does with a connection on which nothing comes any more."""

import socket
import time
from unittest.mock import Mock

import pytest
from kombu.transport.redis import MultiChannelPoller
from shop.celery_app import SETTINGS


def test_a_silent_connection_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = socket.socketpair()
    connection = Mock(_sock=ours)
    channel = Mock(
        _in_poll=connection,
        _brpop_sent_at=time.monotonic() - 6,
        brpop_timeout=1,  # kombu's own
        health_check_interval=SETTINGS["broker_transport_options"]["health_check_interval"],
    )
    poller = MultiChannelPoller()
    poller.add(channel)
    with ours, theirs, caplog.at_level("WARNING"):
        poller.maybe_check_brpop_health()
    connection.disconnect.assert_called_once_with()
    assert caplog.messages == ["Redis BRPOP got no reply for 6 seconds; dropping stale connection"]
