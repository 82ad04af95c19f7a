"""Each program, as a process sees it that starts with it."""

import runpy

import celery
import pytest

FOUND = "this thread: shop, a request: shop\n"


def run(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a program, and return what it prints."""
    runpy.run_module(name, run_name="__main__")
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no settings module behind."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "settings")


@pytest.mark.parametrize("name", ["flask_shop", "fastapi_shop", "django_shop"])
def test_a_request_finds_the_shop(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, capsys) == FOUND


def test_whoever_asks_before_takes_the_default_from_django(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert celery.current_app.main == "default"
    assert run("django_shop", capsys) == "this thread: shop, a request: default\n"
