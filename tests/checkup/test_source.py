"""How the files of a project are read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from celery import Celery

from checkup.project import load
from checkup.source import python_files, read

TASKS = """
from celery import shared_task

@shared_task
def send_receipt(order_id): ...
"""
VIEWS = """
try:
    from shop.tasks import send_receipt
except ImportError:
    send_receipt = None

def create(order_id):
    send_receipt.delay(order_id)

def other(send_receipt):
    send_receipt.delay(1)
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("root", ["", "src/"])
def test_a_send_is_known_in_both_usual_layouts(tmp_path: Path, root: str) -> None:
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS, "shop/views.py": VIEWS}
    write(tmp_path, {f"{root}{name}": text for name, text in files.items()})
    project = load(tmp_path, "flask", "no_such_app")
    assert [(send.task.name, send.node.lineno) for send in project.sends] == [
        ("shop.tasks.send_receipt", 8)
    ]


def test_a_package_called_src_is_a_package(tmp_path: Path) -> None:
    write(tmp_path, {"src/__init__.py": "", "src/tasks.py": TASKS})
    project = load(tmp_path, "flask", "no_such_app")
    assert [task.name for task in project.tasks] == ["src.tasks.send_receipt"]


def test_names_below_if_and_try_are_of_the_module(tmp_path: Path) -> None:
    text = "if True:\n    a = 1\nelse:\n    b = 2\ntry:\n    c = 3\nexcept OSError:\n    d = 4\nfinally:\n    e = 5\ndef f():\n    g = 6\n"
    source = read(write(tmp_path, {"shop.py": text}) / "shop.py", tmp_path)
    assert source.names == {name: f"shop.{name}" for name in "abcdef"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import celery", "celery.shared_task"),
        ("import celery.app as celery", "celery.app.shared_task"),
        ("from . import tasks as celery", "shop.tasks.shared_task"),
        ("from ..other import celery", "other.celery.shared_task"),
    ],
)
def test_imports_give_dotted_names(tmp_path: Path, text: str, name: str) -> None:
    path = write(tmp_path, {"shop/views.py": f"{text}\nx = celery.shared_task\n"}) / "shop/views.py"
    source = read(path, tmp_path)
    value = source.tree.body[-1]
    assert isinstance(value, ast.Assign)
    assert source.dotted(value.value) == name


def test_virtual_environments_are_left_out(tmp_path: Path) -> None:
    names = ["shop.py", "env-of-mine/pyvenv.cfg", "env-of-mine/lib/x.py", ".tox/y.py", "build/z.py"]
    write(tmp_path, dict.fromkeys(names, ""))
    assert [path.relative_to(tmp_path).as_posix() for path in python_files(tmp_path)] == ["shop.py"]


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("shop/tasks.py", False),
        ("shop/tests/test_orders.py", True),
        ("tests/helpers.py", True),
        ("shop/tests.py", True),
        ("conftest.py", True),
        ("shop/testament.py", False),
    ],
)
def test_tests_are_told_by_their_place_in_the_project(
    tmp_path: Path, name: str, *, is_test: bool
) -> None:
    root = tmp_path / "test"  # where a project lies says nothing
    write(root, {name: ""})
    assert read(root / name, root).is_test == is_test


def test_an_app_that_is_a_proxy_is_the_app_behind_it(tmp_path: Path) -> None:
    text = "from celery import Celery, current_app\nreal = Celery('proxied', broker='memory://')\napp = current_app\n"
    write(tmp_path, {"proxied_shop.py": text})
    project = load(tmp_path, "fastapi", "proxied_shop:app")
    assert type(project.app) is Celery
