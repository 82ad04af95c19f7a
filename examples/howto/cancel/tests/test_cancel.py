"""The task itself; what revoking does to it takes a worker with processes, and is on the page."""

from unittest.mock import Mock

import pytest
from shop import tasks


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Collect what the task logs."""
    logger = Mock()
    monkeypatch.setattr(tasks, "logger", logger)
    return logger


@pytest.mark.usefixtures("worker")
def test_an_export(logger: Mock) -> None:
    assert tasks.export.delay(1).get(timeout=5, interval=0.01) == "exported"
    logger.warning.assert_called_once_with("the file is closed")


def test_an_export_that_is_stopped(logger: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "STEP", -1)  # as SIGTERM does, it raises in the middle
    with pytest.raises(ValueError, match="sleep length must be non-negative"):
        tasks.export(1)
    logger.warning.assert_called_once_with("the file is closed")
