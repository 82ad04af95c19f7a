"""The settings of the shop."""

import os
import runpy
from concurrent.futures import ThreadPoolExecutor

import celery
import pytest
from shop import create_app


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment without settings of the shop."""
    for name in list(os.environ):
        if name.startswith(("FLASK_", "CELERY_")):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.usefixtures("environ")
def test_defaults() -> None:
    app = create_app()
    assert app.config["TASK_PACKAGES"] == ["letters"]
    assert app.config["LETTERS_SENDER"] == "shop@example.com"
    conf = app.extensions["celery"].conf
    assert conf.broker_url == conf.result_backend == "redis://127.0.0.1:6379/0"


def test_the_environment_decides_too(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_TASK_PACKAGES", '["invoices"]')
    with pytest.raises(RuntimeError, match=r"^no installed package offers the tasks 'invoices'"):
        create_app()


@pytest.mark.usefixtures("environ")
def test_the_module_for_the_command() -> None:
    names = runpy.run_module("make_celery")
    assert names["celery_app"] is names["flask_app"].extensions["celery"]


@pytest.mark.usefixtures("environ")
def test_other_threads_find_the_app() -> None:
    app = create_app()
    with ThreadPoolExecutor() as server:
        backend = server.submit(lambda: celery.current_app.conf.result_backend).result()
    assert backend == app.config["CELERY"]["result_backend"]
