"""Readers of configuration files: what they accept, and what needs systemd itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verify.commands import check_command
from verify.dockerfile import instructions
from verify.systemd import directives, read_unit
from verify.verdicts.checked import FILES
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


WORKER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop, process: worker}}
    spec:
      containers: [{name: worker, image: "shop:1", CONTAINER}]
      volumes: [{name: tmp, emptyDir: {}}]
"""
SETTINGS = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
"""


@pytest.mark.parametrize(
    "container",
    [
        "command: [celery, -A, make_celery, worker], args: [-I, deploy.heartbeat]",
        "volumeMounts: [{name: tmp, mountPath: /tmp}]",
        "envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: made-by-hand}}]",
        "ports: [{name: http, containerPort: 8000}], livenessProbe: {httpGet: {port: http}}",
        "livenessProbe: {httpGet: {port: 8000}}",
        "livenessProbe: {exec: {command: [sh, -c, 'test -f /tmp/alive']}}",
    ],
)
def test_manifests(container: str) -> None:
    text = WORKER.replace("CONTAINER", container) + SETTINGS
    FILES["yaml"](text, SHOP / "worker.yaml", SHOP)


def test_what_another_file_of_the_folder_defines(tmp_path: Path) -> None:
    text = WORKER.replace("CONTAINER", "envFrom: [{configMapRef: {name: settings}}]")
    file = tmp_path / "worker.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="no file here has the ConfigMap settings"):
        FILES["yaml"](text, file, tmp_path)
    (tmp_path / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    FILES["yaml"](text, file, tmp_path)


def test_a_procfile() -> None:
    text = "web: gunicorn --bind 0.0.0.0:$PORT make_celery:flask_app\nworker: A=1 B= celery -A make_celery worker"
    FILES["yaml"](text, SHOP / "Procfile", SHOP)


def test_kubernetes_is_loaded_when_a_manifest_comes() -> None:
    code = "import sys, verify.verdicts.checked; sys.exit('kubernetes_validate' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=SHOP.parents[1], check=True)
