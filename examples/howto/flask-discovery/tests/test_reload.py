"""What watchfiles does with a worker that is busy."""

import signal

import pytest
from watchfiles.run import start_process


def test_watchfiles_kills_a_busy_worker(caplog: pytest.LogCaptureFixture) -> None:
    """The program stands for a worker whose task goes on: it inherits that SIGINT is ignored."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = start_process("sleep 60", "command", (), {})
    signal.signal(signal.SIGINT, handler)
    process.stop(sigint_timeout=1)
    assert caplog.messages == [
        "SIGINT timed out after 1 seconds",
        "process has not terminated, sending SIGKILL",
    ]
