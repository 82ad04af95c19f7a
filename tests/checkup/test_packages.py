"""What the rules about packages say, and above all what they leave alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from celery import Celery

from checkup.finding import RULES
from checkup.project import Project
from checkup.rules import packages
from checkup.rules.packages import applies, fits, key, requirements, schemes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Have nothing installed but what is asked for."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    def add(name: str, version: str, *required: str) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in required]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")

    return add


def found(code: str, project: Project) -> list[str]:
    """Return what a rule says."""
    return [place.message for place in RULES[code].check(project)]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project whose broker is away from the packages of this run."""
    app = Celery("shop", broker="memory://", set_as_current=False)
    return Project(tmp_path, "flask", "shop:celery_app", app=app)


def test_versions_are_ordered_as_pip_orders_them() -> None:
    ordered = ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.10", "1!0.1"]
    keys = [key(version) for version in ordered]
    assert None not in keys
    assert keys == sorted(keys)  # type: ignore[type-var]
    assert key("5.7") == key("5.7.0") == key("v5.7.0+local")
    assert key("1.0-rc.1") == key("1.0c1")
    assert key("of last week") is None


@pytest.mark.parametrize(
    ("version", "wanted", "answer"),
    [
        ("6.1.3", "<6.1,>=2.2", False),
        ("6.0.10", "<6.1,>=2.2", True),
        ("5.7.0", ">=5.7", True),
        ("5.7.0", "", True),
        ("1.36.5", "~=1.36.1", True),
        ("1.37.0", "~=1.36.1", False),
        ("2.9.0.post0", "==2.9.0.post0", True),
        ("2.9.0", "==2.9.0.post0", False),
        ("5.6.3", "==5.*", True),
        ("5.6.3", "!=5.6.*", False),
        ("5.6.3", "!=5.5.0,!=5.6.3", False),
        ("6.1rc1", "<6.1", None),  # pip says no; nothing is lost if this says nothing
        ("1.0.post1", ">1.0", None),
        ("1.0", "===1.0", None),
        ("1.0", "@ https://example.org/a.whl", None),
        ("yesterday", ">=1", None),
    ],
)
def test_an_answer_is_certain_or_none(version: str, wanted: str, answer: bool | None) -> None:  # noqa: FBT001
    assert fits(version, wanted) is answer


@pytest.mark.parametrize(
    ("marker", "answer"),
    [
        (None, True),
        ('python_version >= "3.9"', True),
        ('python_version < "3.9"', False),
        ('python_version >= "3.9" and sys_platform != "plan9"', True),
        ('extra == "redis"', False),
        ('python_version >= "3.9" and extra == "redis"', False),
        ('python_version >= "3.9" or sys_platform == "plan9"', False),  # not certain
        ('(python_version >= "3.9")', False),
        ('"linux" in sys_platform', False),
    ],
)
def test_a_condition_holds_for_certain_or_not(marker: str | None, answer: bool) -> None:  # noqa: FBT001
    assert applies(marker) is answer


def test_the_packages_of_this_run_fit(project: Project) -> None:
    assert found("CK101", project) == []
    assert found("CK103", project) == []


def test_every_requirement_of_celery_is_understood() -> None:
    celery = packages.installed()["celery"]
    names = {name for name, _ in requirements(celery)}
    assert {"billiard", "kombu", "vine", "click", "tzlocal"} <= names
    assert not {"redis", "boto3", "pydantic"} & names  # of extras


def test_a_requirement_that_is_missing_or_too_old(install: Install, project: Project) -> None:
    install("celery", "5.7.0", "kombu>=5.7.0", "tzlocal", 'exceptiongroup; python_version < "3"')
    install("kombu", "5.5.4")
    assert found("CK101", project) == [
        "celery 5.7.0 requires kombu>=5.7.0, and 5.5.4 is installed; install versions that fit, both in one command",
        "celery 5.7.0 requires tzlocal, and it is not installed; install versions that fit, both in one command",
    ]


def test_a_requirement_in_the_old_form(install: Install, project: Project) -> None:
    install("Celery.Of_Mine", "1", "celery (>=5.8)")
    install("celery", "5.7.0")
    (said,) = found("CK101", project)
    assert said.startswith("celery-of-mine 1 requires celery>=5.8, and 5.7.0 is installed;")


@pytest.mark.parametrize(
    "requirement",
    [
        'redis>=9; extra == "redis"',
        'redis>=9; python_version < "3"',
        "redis==8.*",
        "redis===one-of-ours",
        "redis @ https://example.org/redis.whl",
        "REDIS[hiredis]>=8",
    ],
)
def test_what_is_met_or_not_certain_is_left_alone(
    requirement: str, install: Install, project: Project
) -> None:
    install("kombu", "5.7.0", requirement)
    install("redis", "8.1.0")
    assert found("CK101", project) == []


def test_other_packages_are_none_of_its_business(install: Install, project: Project) -> None:
    install("flask", "3.1.3", "werkzeug>=4")
    install("werkzeug", "3.1.9")
    install("sentry-sdk", "2", 'celery>=9; extra == "celery"')
    install("celery", "5.7.0")
    assert found("CK101", project) == []


def test_an_old_beat_with_a_new_celery(install: Install, project: Project) -> None:
    install("django-celery-beat", "2.1.0", "celery<6.0,>=4.4")
    install("celery", "5.7.0")
    assert found("CK101", project) == []
    (said,) = found("CK103", project)
    assert said.startswith(
        "django-celery-beat 2.1.0 does not work with celery 5.7.0: its scheduler"
    )


@pytest.mark.parametrize(
    ("beat", "celery"), [("2.1.0", "5.1.2"), ("2.2.0", "5.7.0"), ("2.9.0", "6.0")]
)
def test_other_pairs_are_left_alone(
    beat: str, celery: str, install: Install, project: Project
) -> None:
    install("django-celery-beat", beat)
    install("celery", celery)
    assert found("CK103", project) == []


@pytest.mark.parametrize(
    ("urls", "answer"),
    [
        ("redis://127.0.0.1:6379/0", ["redis"]),
        ("redis://a;sentinel://b;sentinel://c", ["redis", "sentinel", "sentinel"]),
        (["amqp://a", "sqs://"], ["amqp", "sqs"]),
        ("db+postgresql+psycopg://a/b", ["db"]),
        ("django-db", ["django-db"]),
        ("shop.transport:Transport", []),
        ("", []),
        (None, []),
    ],
)
def test_the_kinds_of_servers(urls: object, answer: list[str]) -> None:
    assert list(schemes(urls)) == answer


@pytest.mark.parametrize(
    ("broker", "backend", "lacks"),
    [
        ("memory://", "cache+memory://", []),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/1", []),
        ("amqp://127.0.0.1", "rpc://", []),
        ("filesystem://", "file:///results", []),
        ("shop.transport:Transport", "shop.results:Backend", []),
        ("zookeeper://127.0.0.1", None, ["kazoo"]),
        ("sqs://", "s3", ["boto3", "boto3"]),
        ("memory://", "elasticsearch://a:9200/b", ["elasticsearch"]),
    ],
)
def test_what_a_server_needs(
    broker: str, backend: str | None, lacks: list[str], project: Project
) -> None:
    project.app = Celery("shop", broker=broker, backend=backend, set_as_current=False)
    said = found("CK102", project)
    assert [message.partition("the module ")[2].partition(",")[0] for message in said] == lacks


def test_redis_without_packaging(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.app = Celery("shop", broker="redis://127.0.0.1", set_as_current=False)
    monkeypatch.delitem(sys.modules, "kombu.transport.redis", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "packaging", None)  # type: ignore[arg-type]
    (said,) = found("CK102", project)
    assert "needs the module packaging" in said
    assert said.endswith("install celery[redis]")
