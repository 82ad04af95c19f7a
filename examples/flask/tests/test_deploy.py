"""The files below ``deploy``, read by what they are for or by a parser; nothing is started."""

import json
import os
import re
import runpy
import shlex
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.signals import heartbeat_sent
from shop import create_app

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "tables")
SECRETS = ("PGPASSWORD", "POSTGRES_PASSWORD")
ASKED = "${POSTGRES_PASSWORD:?copy deploy/.env.example to deploy/.env}"


def variables(name: str) -> dict[str, str]:
    """Return the variables of a file below ``deploy``."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def unit(name: str) -> dict[str, dict[str, str]]:
    """Return the sections of a systemd unit."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / f"shop-{name}.service").read_text(encoding="utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


def test_gunicorn_settings() -> None:
    settings = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    assert {name: value for name, value in settings.items() if not name.startswith("_")} == {
        "bind": "127.0.0.1:8000",
        "threads": 4,
        "graceful_timeout": 30,
        "accesslog": "-",
        "control_socket_disable": True,
    }


def test_each_heartbeat_touches_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "heartbeat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", str(file))
    module = runpy.run_path(str(DEPLOY / "heartbeat.py"))
    assert not file.exists()
    heartbeat_sent.send(sender=None)
    assert file.exists()
    file.unlink()
    heartbeat_sent.send(sender=None)
    assert module["FILE"] == file
    assert file.exists()


def test_heartbeat_needs_to_know_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKER_HEARTBEAT_FILE", raising=False)
    with pytest.raises(KeyError, match="WORKER_HEARTBEAT_FILE"):
        runpy.run_path(str(DEPLOY / "heartbeat.py"))


@pytest.mark.parametrize(
    ("environment", "redis", "database"),
    [
        (variables("shop.env.example"), "127.0.0.1", "127.0.0.1"),
        (SERVICES["worker"]["environment"], "redis", "db"),
    ],
    ids=["systemd", "compose"],
)
def test_the_shop_understands_its_environment(
    environment: dict[str, object], redis: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {
        name: str(value) for name, value in environment.items() if "SHOP" in name or "FLASK" in name
    }
    # What the shell that runs the tests has set must not mix with it.
    for name in [name for name in os.environ if name.startswith(("FLASK_", "SHOP_"))]:
        monkeypatch.delenv(name)
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    app = create_app()
    conf = app.extensions["celery"].conf
    assert conf.broker_url == f"redis://{redis}:6379/0"
    assert conf.result_backend == f"redis://{redis}:6379/1"
    # The timeouts join what is the default.
    assert conf.broker_transport_options == {
        "confirm_publish": True,
        "read_timeout": 5,
        "write_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_timeout": 5,
    }
    assert (conf.redis_socket_connect_timeout, conf.redis_socket_timeout) == (5, 5)
    assert conf.task_publish_retry_policy == {"interval_start": 0, "max_retries": 1}
    assert conf.task_time_limit == 300
    assert app.config["SQLALCHEMY_DATABASE_URI"] == f"postgresql+psycopg://shop@{database}/shop"
    # Only the configuration for production refuses to start without them.
    assert ours["SHOP_CONFIG"] == "Production"
    monkeypatch.delenv("FLASK_MAIL_SERVER")
    with pytest.raises(RuntimeError, match=r"^Set FLASK_MAIL_SERVER$"):
        create_app()


def test_no_file_holds_a_password() -> None:
    for name in ("shop.env.example", ".env.example"):
        found = {key: value for key, value in variables(name).items() if key in SECRETS}
        assert set(found.values()) == {""}
    for service in SERVICES.values():
        environment = service.get("environment", {})
        assert {environment[key] for key in SECRETS if key in environment} <= {ASKED}
    for path in DEPLOY.iterdir():
        assert path.is_dir() or not re.search(
            r"://[^/\s]*:[^/\s]*@", path.read_text(encoding="utf-8")
        )


def test_compose_publishes_only_the_web_server_on_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_compose_commands() -> None:
    assert "command" not in SERVICES["web"]
    assert shlex.join(SERVICES["worker"]["command"]) == (
        "celery -A make_celery worker --loglevel INFO --concurrency 4 -I deploy.heartbeat"
    )
    assert shlex.join(SERVICES["beat"]["command"]) == (
        "celery -A make_celery beat --loglevel INFO --schedule /var/lib/shop/beat"
    )
    assert shlex.join(SERVICES["tables"]["command"]) == "flask --app shop init-db"


def test_compose_stops_later_than_the_longest_task() -> None:
    worker = SERVICES["worker"]
    assert worker["environment"]["FLASK_CELERY__task_time_limit"] == 300
    assert worker["stop_grace_period"] == "6m"
    assert SERVICES["web"]["stop_grace_period"] == "40s"


def test_compose_starts_in_order_and_again() -> None:
    healthy, done = (
        {"condition": f"service_{word}"} for word in ("healthy", "completed_successfully")
    )
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"] == {"redis": healthy, "tables": done}
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES["tables"]["depends_on"] == {"db": healthy}
    assert SERVICES["tables"]["restart"] == "no"
    check = SERVICES["db"]["healthcheck"]["test"]
    assert check == ["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "shop"]


def test_compose_shares_one_locked_down_image() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
        assert service["volumes"] == ["shop:/var/lib/shop"]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_compose_worker_is_healthy_while_its_file_is_young() -> None:
    worker = SERVICES["worker"]
    file = worker["environment"]["WORKER_HEARTBEAT_FILE"]
    assert worker["healthcheck"]["test"] == ["CMD-SHELL", f'test -n "$$(find {file} -mmin -1)"']
    assert worker["tmpfs"] == str(Path(file).parent)


def test_compose_keeps_what_waits_in_redis() -> None:
    assert "--appendonly yes" in shlex.join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in shlex.join(SERVICES["redis"]["command"])


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("web", "gunicorn --config deploy/gunicorn.conf.py make_celery:flask_app"),
        ("worker", "celery -A make_celery worker --loglevel INFO --concurrency 4"),
        ("beat", "celery -A make_celery beat --loglevel INFO --schedule /var/lib/shop/beat"),
    ],
)
def test_units(name: str, command: str) -> None:
    service = unit(name)["Service"]
    assert service["ExecStart"] == f"/srv/shop/.venv/bin/{command}"
    assert service["User"] == "shop"
    assert service["WorkingDirectory"] == "/srv/shop"
    assert service["EnvironmentFile"] == "/etc/shop/shop.env"
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == ("shop", "0700")
    assert (service["Restart"], service["RestartSec"]) == ("always", "5s")
    assert service["ProtectSystem"] == "strict"
    assert unit(name)["Install"] == {"WantedBy": "multi-user.target"}


def test_only_the_web_server_gives_up_on_results_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "FLASK_CELERY__result_backend_transport_options__retry_policy__max_retries"
    assert [service for service in OURS if name in SERVICES[service]["environment"]] == ["web"]
    assert SERVICES["web"]["environment"][name] == 1
    assert unit("web")["Service"]["Environment"] == f"{name}=1"
    assert name not in variables("shop.env.example")
    monkeypatch.setenv(name, "1")
    options = create_app().extensions["celery"].conf.result_backend_transport_options
    assert options == {"retry_policy": {"max_retries": 1}}


def test_units_stop_the_main_process_and_wait() -> None:
    web, worker = unit("web")["Service"], unit("worker")["Service"]
    assert (web["KillMode"], web["TimeoutStopSec"], web["Type"]) == ("mixed", "40s", "notify")
    assert (worker["KillMode"], worker["TimeoutStopSec"]) == ("mixed", "6min")


def test_dockerfile() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines[-2] == "USER shop"
    command = json.loads(lines[-1].removeprefix("CMD "))
    assert shlex.join(command) == (
        "gunicorn --config deploy/gunicorn.conf.py --bind 0.0.0.0:8000 make_celery:flask_app"
    )
    for line in lines:
        if line.startswith("COPY "):
            assert all((ROOT / source).exists() for source in line.split()[1:-1])


def test_every_dependency_has_a_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgresql"], "gunicorn"]
    lines = (DEPLOY / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = {line.partition("==")[0].lower() for line in lines}
    assert {re.split(r"\W*\[", name)[0] for name in wanted} <= pinned
