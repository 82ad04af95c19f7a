"""Readers of configuration files: what they accept, and what needs systemd itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from verify.commands import check_command
from verify.dockerfile import instructions
from verify.systemd import directives, read_unit
from verify.yaml_files import read_yaml

SHOP = Path(__file__).parents[2] / "examples" / "flask"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="only systemd knows the values")
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Restart=sometimes", "Failed to parse service restart specifier, ignoring: sometimes"),
        ("TimeoutStopSec=soon", "Failed to parse time value, ignoring: soon"),
        ("PrivateTmp=perhaps", "Failed to parse boolean value, ignoring: perhaps"),
    ],
)
def test_systemd_reads_the_values(line: str, message: str) -> None:
    text = f"[Service]\nExecStart=/srv/shop/.venv/bin/celery -A make_celery worker\n{line}"
    with pytest.raises(ValueError, match=message):
        read_unit(text, Path("worker.service"), SHOP)


def test_a_unit_may_start_what_this_machine_does_not_have() -> None:
    text = "[Service]\nExecStart=-/no/where/celery -A make_celery worker\nUser=nobody-like-this"
    read_unit(text, Path("worker.service"), SHOP)


def test_directives_go_on_in_the_next_line() -> None:
    text = "# a comment\n[Service]\nExecStart = /bin/celery \\\n  worker\n; another\n[Install]\nAlias=a=b"
    assert list(directives(text)) == [
        ("Service", "ExecStart", "/bin/celery    worker"),
        ("Install", "Alias", "a=b"),
    ]


def test_instructions_of_a_dockerfile() -> None:
    text = "# syntax=docker/dockerfile:1\nFROM python AS one\n\nRUN a \\\n  # why\n  && b\nCOPY --from=one --link /a /b"
    assert list(instructions(text)) == [
        ("FROM", {}, "python AS one"),
        ("RUN", {}, "a    && b"),
        ("COPY", {"from": "one", "link": ""}, "/a /b"),
    ]


@pytest.mark.parametrize(
    "command",
    [
        "celery -A make_celery worker -I deploy.heartbeat",
        "celery --app=make_celery:celery_app beat",
        "flask --app shop init-db",
        "gunicorn -c deploy/gunicorn.conf.py shop:create_app()",
        "/bin/kill -s HUP $MAINPID",
    ],
)
def test_commands(command: str) -> None:
    check_command(command.split(), SHOP)


def test_a_shell_may_give_way() -> None:
    check_command(["sh", "-c", "exec celery -A make_celery worker"], SHOP)


@pytest.mark.parametrize(
    "service",
    [
        "env_file: [{path: shop.env, required: false}]",
        'volumes: ["/etc/redis:/etc/redis:ro", "./tests:/tests"]',
        "networks: [default]",
        "command: [echo, '$$HOME ${HOME:-/root} $HOME']",
        "depends_on: []",
    ],
)
def test_compose_files(service: str) -> None:
    read_yaml(f"services: {{a: {{image: redis, {service}}}}}", SHOP / "compose.yaml")
