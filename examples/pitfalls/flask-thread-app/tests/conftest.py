"""No task runs here, so both lanes are the same."""

import pytest
from one_thread import celery_app

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager", help="how tasks run")


@pytest.fixture(autouse=True)
def current_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the shop's app the current one of this thread, and of no other."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    celery_app.set_current()
