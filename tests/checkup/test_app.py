"""What the rules about the app say, and above all what they leave alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from celery import Celery, _state
from flask import Flask

from checkup.finding import RULES
from checkup.project import Project, load
from checkup.rules import app as rules
from checkup.source import python_files, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checkup.finding import Place

    Check = Callable[[dict[str, str]], Place | None]

ROOT = Path(__file__).parents[2]
APP = """import os
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("shop", broker="memory://")
"""
DJANGO = {
    "config/__init__.py": "",
    "config/celery.py": APP,
    "config/settings.py": 'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "shop.urls"\n',
    "shop/__init__.py": "",
    "shop/tasks.py": "from celery import shared_task\n\n@shared_task\ndef tidy(): pass\n",
    "shop/urls.py": "from shop import tasks\n\nurlpatterns = []\n",
}


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave this process as it was."""
    current, modules, path = _state.get_current_app(), set(sys.modules), list(sys.path)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    yield
    current.set_current()
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in {"shop", "other", "broken", "shop_tasks"}:
            del sys.modules[name]


def write(root: Path, files: dict[str, str]) -> None:
    """Write a project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def said(root: Path, name: str, framework: str = "flask", web: str = "") -> list[str]:
    """Load a project in this process, and return what is said of it."""
    project = load(root, framework, name, web)
    return [place.message for place in RULES["CK201"].check(project)]


FLASK = """from celery import Celery
from flask import Flask

app = Flask("shop")
celery_app = Celery("shop", broker="memory://")
"""


def test_the_app_is_there(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": FLASK})
    assert said(tmp_path, "shop:celery_app", web="shop:app") == []


def test_a_flask_app_is_none_of_celery(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": FLASK})
    assert said(tmp_path, "shop") == [
        "-A shop cannot be loaded: TypeError: shop is Flask, not a Celery app; your files have -A shop:celery_app"
    ]


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": FLASK})
    (message,) = said(tmp_path, "shop:celery")
    assert "AttributeError: module 'shop' has no attribute 'celery'; your files have" in message
    assert message.endswith(" -A shop:celery_app")


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": FLASK})
    (message,) = said(tmp_path, "shpo")
    assert message.startswith(
        "-A shpo cannot be loaded: ModuleNotFoundError: No module named 'shpo';"
    )
    assert message.endswith("your files have -A shop:celery_app")


def test_an_error_within_the_module_is_not_hidden(tmp_path: Path) -> None:
    write(tmp_path, {"broken.py": FLASK + "app.no_such_thing\n"})
    project = load(tmp_path, "flask", "broken:celery_app")
    (place,) = RULES["CK201"].check(project)
    assert "AttributeError: 'Flask' object has no attribute 'no_such_thing'" in place.message
    assert (place.path, place.line) == (tmp_path / "broken.py", 6)


def test_a_web_app_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"other.py": FLASK})
    (message,) = said(tmp_path, "other:celery_app", web="other:flask_app")
    assert message.startswith("--web other:flask_app cannot be loaded: AttributeError")


@pytest.fixture
def place_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return what is said of a project of Django that is read, not imported."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")

    def check(files: dict[str, str]) -> Place | None:
        write(tmp_path, {**DJANGO, **files})
        project = Project(tmp_path, "django", "config", app=Celery("shop", set_as_current=False))
        project.sources = [read(path, tmp_path) for path in python_files(tmp_path)]
        return next(iter(RULES["CK202"].check(project)), None)

    return check


class Started(Exception):
    """A second Python was started, as nothing is certain without it."""


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Started

    monkeypatch.setattr(rules.subprocess, "run", refuse)


def test_django_imports_no_app(place_of: Check, tmp_path: Path) -> None:
    place = place_of({})
    assert place
    assert "imports config.celery" in place.message
    assert place.path == tmp_path / "config/__init__.py"


def test_the_urls_import_the_app(place_of: Check) -> None:
    urls = "import config.celery\nfrom shop import tasks\n\nurlpatterns = []\n"
    assert place_of({"shop/urls.py": urls}) is None


def test_a_web_process_that_does_not_start_says_nothing(place_of: Check) -> None:
    assert place_of({"shop/urls.py": "import no_such_thing\n"}) is None


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    "files",
    [
        {"config/__init__.py": "from .celery import app as celery_app\n"},
        {"config/__init__.py": "from config.celery import app\n"},
        {"config/__init__.py": "from . import celery\n"},
        # Each task brings its app along.
        {"shop/tasks.py": "from config.celery import app\n\n@app.task\ndef tidy(): pass\n"},
        # A function may do it in time.
        {"shop/views.py": "def order():\n    from config.celery import app\n"},
        # Which of the two is not certain.
        {"shop/celery.py": APP},
    ],
)
def test_what_is_certain_without_a_process(place_of: Check, files: dict[str, str]) -> None:
    assert place_of(files) is None


@pytest.mark.usefixtures("no_process")
def test_a_comment_imports_nothing(place_of: Check) -> None:
    text = '"""Add: from .celery import app"""\n# from .celery import app\n'
    with pytest.raises(Started):
        place_of({"config/__init__.py": text})


def of_web(broker: str, extension: object = None) -> list[str]:
    """Return what is said of a web app whose Celery app has this broker."""
    app = Celery("shop", broker="redis://:x@redis.example.org/0", set_as_current=False)
    web = Flask("shop")
    other = Celery("shop", broker=broker, set_as_current=False)
    web.extensions["celery"] = other if extension is None else extension
    project = Project(Path(), "flask", "shop:celery_app", "wsgi:app", app=app, web=web)
    return [place.message for place in RULES["CK202"].check(project)]


def test_the_web_app_sends_elsewhere() -> None:
    (message,) = of_web("redis://:y@redis.example.org/1")
    assert "--web wsgi:app has broker_url redis://:**@redis.example.org/1, and -A" in message
    assert "redis://:**@redis.example.org/0; make both" in message


def test_a_factory_that_is_called_twice_is_fine() -> None:
    assert of_web("redis://:x@redis.example.org/0") == []


def test_an_extension_of_another_kind_is_left_alone() -> None:
    assert of_web("memory://", extension=object()) == []


def test_no_web_app_no_answer() -> None:
    app = Celery("shop", set_as_current=False)
    project = Project(Path(), "fastapi", "shop:celery_app", app=app)
    assert list(RULES["CK202"].check(project)) == []


def test_on_the_command_line(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": FLASK.replace("celery_app =", "worker =")})
    ran = subprocess.run(
        [
            *(sys.executable, "-B", "-m", "checkup", "flask", "-A", "shop:celery_app"),
            *(str(tmp_path), "--select", "CK201", "--format", "json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    (finding,) = json.loads(ran.stdout)["findings"]
    assert finding["message"].endswith("your files have -A shop:worker")
    assert ran.returncode == 1
