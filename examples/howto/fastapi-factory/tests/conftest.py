"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in worker threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi import FastAPI
from shop.config import Settings, get_settings
from shop.mall import create_mall

LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {},
}
# Celery reads these from the environment, and they win over the settings of every app.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Let code that asks for the current app find one that no tenant has, and that fails."""
    for name in (
        *OVERRIDING_VARIABLES,
        *(f"SHOP_{name}".upper() for name in Settings.model_fields),
    ):
        monkeypatch.delenv(name, raising=False)
    get_settings.cache_clear()
    nobody = Celery("nobody", broker="nobody://", backend="nobody://")
    nobody.set_default()
    yield nobody
    nobody.set_default()
    nobody.set_current()
    get_settings.cache_clear()


@pytest.fixture
def settings() -> Settings:
    """Return settings that keep all messages in this process."""
    return Settings(
        broker_url="memory://",
        broker_transport_options={"polling_interval": 0.01},
        result_backend="cache+memory://",
    )


@pytest.fixture
def mall(settings: Settings, pytestconfig: pytest.Config) -> dict[str, FastAPI]:
    """Build both shops; return the mall and the shops by name."""
    mall = create_mall(settings)
    apps = {route.path.strip("/"): route.app for route in mall.routes}
    for app in apps.values():  # before a task is used: it copies some settings
        app.state.celery.conf.update(LANES[pytestconfig.getoption("--lane")])
    return {"mall": mall, **apps}


@contextmanager
def work(celery_app: Celery, nobody: Celery) -> Iterator[None]:
    """Let a worker thread of one tenant work; one at a time, as it makes its app the default."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])
    nobody.set_default()
    nobody.set_current()
