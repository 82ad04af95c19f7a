"""The factories, and what apps in one process share."""

import importlib
import runpy
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated

import celery
import pytest
from celery import Celery, _state, chain
from celery.app.base import DuplicateTaskNameWarning
from celery.exceptions import NotRegistered
from celery.result import AsyncResult
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from shop import main
from shop.celery_app import create_celery, own
from shop.config import Settings, get_settings
from shop.dependencies import CeleryApp
from shop.main import create_app
from shop.mall import create_mall
from shop.tasks import send_receipt


@pytest.fixture
def bakery(settings: Settings) -> Celery:
    """Build a Celery app."""
    return create_celery(settings)


@pytest.fixture
def florist(settings: Settings) -> Celery:
    """Build another one."""
    return create_celery(settings.model_copy(update={"tenant": "florist"}))


@pytest.fixture
def forget_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the tasks of a test away from the apps after it."""
    name = "_on_app_finalizers"
    monkeypatch.setattr(_state, name, set(getattr(_state, name)))


def test_the_factory_takes_the_settings(settings: Settings) -> None:
    app = create_app(settings)
    conf = app.state.celery.conf
    assert app.title == "The bakery"
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert conf.broker_transport_options == {"polling_interval": 0.01}
    assert conf.task_default_queue == "bakery"
    assert conf.include == ["shop.tasks"]
    assert app.state.celery.main == "shop"


def test_without_settings_it_takes_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TENANT", "florist")
    conf = create_app().state.celery.conf
    assert conf.task_default_queue == "florist"
    assert conf.broker_url == conf.result_backend == "redis://127.0.0.1:6379/0"
    routes = create_mall().routes
    assert [route.app.title for route in routes] == ["The bakery", "The florist"]
    assert get_settings() is get_settings()


def test_importing_the_factory_reads_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", "nonsense")
    importlib.reload(main)
    assert get_settings.cache_info().currsize == 0
    with pytest.raises(ValueError, match="broker_transport_options"):
        main.create_app()


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TENANT", "")
    assert Settings().tenant == "bakery"


def test_an_error_shows_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="broker_transport_options") as error:
        Settings(broker_transport_options="wrong-pony")
    assert "wrong-pony" not in str(error.value)


def test_the_command_takes_one_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TENANT", "florist")
    celery_app = runpy.run_module("shop.worker")["celery_app"]
    assert celery_app.conf.task_default_queue == "florist"


def test_the_worker_imports_no_fastapi() -> None:
    for module in ("config", "celery_app", "tasks", "worker"):
        assert "fastapi" not in Path(main.__file__).with_name(f"{module}.py").read_text()


def test_each_app_has_its_own_copy(bakery: Celery, florist: Celery) -> None:
    for celery_app in (bakery, florist):
        task = own(celery_app, send_receipt)
        assert task.app is celery_app
        assert chain(task.s("ada@example.com")).app is celery_app
        sender = f"{celery_app.conf.task_default_queue}@example.org"
        assert task("ada@example.com") == f"{sender} writes to ada@example.com"


def test_the_factory_changes_nobody_elses_app(bakery: Celery, nobody: Celery) -> None:
    assert celery.current_app == nobody
    with ThreadPoolExecutor() as threads:
        assert threads.submit(lambda: send_receipt.app).result() is nobody
    assert send_receipt.app is nobody
    assert bakery.tasks[send_receipt.name].app is bakery


def test_one_broker_one_pool(bakery: Celery, florist: Celery) -> None:
    assert bakery.pool is florist.pool
    assert bakery.pool.limit == 10


def test_the_last_default_wins(bakery: Celery, florist: Celery, nobody: Celery) -> None:
    bakery.set_default()
    florist.set_default()
    with ThreadPoolExecutor() as threads:  # where FastAPI runs a def endpoint
        assert threads.submit(lambda: send_receipt.app).result() is florist
        assert threads.submit(lambda: AsyncResult("an id").app).result() is florist
    assert send_receipt.app is nobody  # the current app of this thread
    bakery.set_current()
    assert send_receipt.app is bakery


@pytest.mark.usefixtures("forget_tasks")
def test_a_task_is_in_every_later_app(bakery: Celery, florist: Celery) -> None:
    assert send_receipt.name in florist.tasks  # whoever looks, finalizes the app

    @bakery.task(bind=True, name="shop.tasks.tidy")
    def tidy(self: celery.Task) -> str:
        return self.app.conf.shop_sender

    later = create_celery(Settings(tenant="later"))
    assert tidy() == "bakery@example.org"
    assert later.tasks[tidy.name]() == "later@example.org"
    with pytest.raises(NotRegistered):
        own(florist, tidy)


def with_a_task_inside(tenant: str) -> Celery:
    """Build a Celery app with a task that remembers the tenant. Do not do this."""
    celery_app = Celery("shop", set_as_current=False)

    @celery_app.task(name="shop.tasks.who")
    def who() -> str:
        return tenant

    return celery_app


@pytest.mark.usefixtures("forget_tasks")
def test_a_task_inside_the_factory_serves_the_wrong_tenant() -> None:
    bakery, florist = with_a_task_inside("bakery"), with_a_task_inside("florist")
    with pytest.warns(DuplicateTaskNameWarning, match="is already registered"):
        answers = {bakery.tasks["shop.tasks.who"](), florist.tasks["shop.tasks.who"]()}
    assert answers in ({"bakery"}, {"florist"})  # one of the two, for both


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Build the Celery app when the server starts."""
    app.state.celery = create_celery(Settings())
    yield


def main_of(celery_app: CeleryApp) -> str | None:
    """Tell the name of the Celery app."""
    return celery_app.main


@pytest.fixture
def late() -> FastAPI:
    """Build an app whose Celery app comes with the lifespan."""
    app = FastAPI(lifespan=lifespan)
    app.get("/main")(main_of)
    return app


def test_a_client_without_with_runs_no_lifespan(late: FastAPI) -> None:
    with TestClient(late) as client:
        assert client.get("/main").json() == "shop"
    del late.state.celery
    with pytest.raises(AttributeError, match="'State' object has no attribute 'celery'"):
        TestClient(late).get("/main")


def test_a_mounted_app_has_no_lifespan(late: FastAPI) -> None:
    mall = FastAPI()
    mall.mount("/late", late)
    with (
        TestClient(mall) as client,
        pytest.raises(AttributeError, match="'State' object has no attribute 'celery'"),
    ):
        client.get("/late/main")


def test_the_dependency_works_for_a_websocket(settings: Settings) -> None:
    app = create_app(settings)

    @app.websocket("/main")
    async def tell(websocket: WebSocket, celery_app: CeleryApp) -> None:
        await websocket.accept()
        await websocket.send_text(celery_app.main)

    with TestClient(app).websocket_connect("/main") as websocket:
        assert websocket.receive_text() == "shop"


def get_celery(request: Request) -> Celery:
    """Return the Celery app: right for a request, wrong for a WebSocket."""
    return request.app.state.celery


def test_a_websocket_has_no_request(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/main")
    def tell(celery_app: Annotated[Celery, Depends(get_celery)]) -> str | None:
        return celery_app.main

    @app.websocket("/news")
    async def news(celery_app: Annotated[Celery, Depends(get_celery)]) -> None:
        """Never run."""

    client = TestClient(app)
    assert client.get("/main").json() == "shop"
    error = r"^get_celery\(\) missing 1 required positional argument: 'request'$"
    with pytest.raises(TypeError, match=error), ExitStack() as stack:
        stack.enter_context(client.websocket_connect("/news"))
