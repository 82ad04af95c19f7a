"""``pytest`` and ``pytest --lane worker`` do the same here: the programs send no task."""

import pytest
from celery import _state


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that the other projects have."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


@pytest.fixture(autouse=True)
def no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test as a new process does: without a default app."""
    monkeypatch.setattr(_state, "default_app", None)
    monkeypatch.setattr(_state._tls, "current_app", None)  # noqa: SLF001
