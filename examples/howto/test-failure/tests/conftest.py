"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker that is killed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from bank import Bank, running_bank
from redis import Redis
from shop.celery_app import celery_app
from worker import Worker

TESTS = Path(__file__).parent
# In seconds: Redis hands out again what a dead worker had.
ON_REDIS = {
    "global_keyprefix": f"test-failure-{uuid4()}:",
    "visibility_timeout": 6,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose who runs the tasks, and through which broker."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")
    parser.addoption("--redis", metavar="URL", help="instead of a folder")


def pytest_configure(config: pytest.Config) -> None:
    """Set Celery up before a test module uses a task."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.task_always_eager = config.getoption("--lane") == "eager"
    celery_app.conf.task_eager_propagates = True


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Start a bank, and make a new database."""
    with running_bank() as bank, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_BANK_URL", bank.url)
        patch.setenv("SHOP_DATABASE", str(tmp_path_factory.mktemp("database") / "shop.db"))
        yield bank


@pytest.fixture(scope="module")
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Set up the broker, and return a folder for it."""
    folder = tmp_path_factory.mktemp("broker")
    for name in ("sent", "queue", "control"):
        (folder / name).mkdir()
    if url := request.config.getoption("--redis"):
        celery_app.conf.update(broker_url=url, broker_transport_options=ON_REDIS)
        yield folder
        with Redis.from_url(url) as client:
            client.delete(*client.scan_iter(f"{ON_REDIS['global_keyprefix']}*"))
        return
    options = {
        "data_folder_in": f"{folder}/queue",
        "data_folder_out": f"{folder}/sent",
        "control_folder": f"{folder}/control",
        "polling_interval": 0.05,
    }
    celery_app.conf.update(broker_url="filesystem://", broker_transport_options=options)
    yield folder


@pytest.fixture(scope="module")
def running_worker(bank: Bank, folder: Path) -> Iterator[Worker]:
    """Start the worker of the shop."""
    if celery_app.conf.task_always_eager:
        pytest.skip("there is nothing to kill")
    environment = {
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
        "SHOP_BROKER_URL": celery_app.conf.broker_url,
        "SHOP_BROKER_TRANSPORT_OPTIONS": json.dumps(celery_app.conf.broker_transport_options),
    }
    worker = Worker(folder, environment)
    worker.start()
    yield worker
    worker.kill()


@pytest.fixture
def worker(running_worker: Worker, bank: Bank) -> Worker:
    """Wait here a little until it is ready, so that no single test waits long."""
    bank.open.clear()
    running_worker.wait_a_little(running_worker.is_ready)
    return running_worker
