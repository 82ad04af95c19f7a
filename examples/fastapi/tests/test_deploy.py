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
from celery import Celery
from celery.signals import heartbeat_sent
from shop.config import Production, Settings, get_settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "tables")
SECRETS = ("PGPASSWORD", "POSTGRES_PASSWORD")
RETRY = "SHOP_RESULT_BACKEND_TRANSPORT_OPTIONS"
UVICORN = "--port 8000 --timeout-graceful-shutdown 30"
ASKED = "${POSTGRES_PASSWORD:?copy deploy/.env.example to deploy/.env}"


def variables(name: str) -> dict[str, str]:
    """Return the variables of a file below ``deploy``, as systemd and a shell read them."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {key: "".join(shlex.split(value)) for key, value in pairs}


def unit(name: str) -> dict[str, dict[str, str]]:
    """Return the sections of a systemd unit."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / f"shop-{name}.service").read_text(encoding="utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


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
    # What the shell that runs the tests has set must not mix with it.
    for name in [name for name in os.environ if name.startswith("SHOP_")]:
        monkeypatch.delenv(name)
    ours = {name: str(value) for name, value in environment.items() if name.startswith("SHOP_")}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    settings = get_settings.__wrapped__()
    assert type(settings) is Production
    assert {f"SHOP_{name.upper()}" for name in settings.model_fields_set} == ours.keys() - {
        "SHOP_ENVIRONMENT"
    }
    assert settings.database_url == f"postgresql+psycopg://shop@{database}/shop"
    assert settings.broker_url == f"redis://{redis}:6379/0"
    assert settings.broker_transport_options == {
        # The variable replaces the default, so it repeats it.
        **Settings.model_fields["broker_transport_options"].default,
        "socket_connect_timeout": 5,
        "socket_timeout": 5,
    }
    assert settings.result_backend == f"redis://{redis}:6379/1"
    assert settings.image_folder == Path("/var/lib/shop/images")
    assert (settings.mail_host, settings.mail_sender) == ("mail.example.org", "shop@example.org")


def test_both_environments_are_the_same() -> None:
    ours = set(SERVICES["web"]["environment"]) - {RETRY}
    assert ours == set(variables("shop.env.example"))


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
        "celery -A shop.celery_app worker --loglevel INFO --concurrency 4 -I deploy.heartbeat"
    )
    assert shlex.join(SERVICES["beat"]["command"]) == (
        "celery -A shop.celery_app beat --loglevel INFO --schedule /var/lib/shop/beat"
    )
    assert shlex.join(SERVICES["tables"]["command"]) == "python -m shop.create_tables"


def test_compose_stops_later_than_the_longest_task(celery_app: Celery) -> None:
    worker = SERVICES["worker"]
    assert celery_app.conf.task_time_limit == 300
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
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert (service["image"], service["tmpfs"]) == ("shop", "/tmp")  # noqa: S108 (in a container)


def test_compose_worker_is_healthy_while_its_file_is_young() -> None:
    worker = SERVICES["worker"]
    file = worker["environment"]["WORKER_HEARTBEAT_FILE"]
    assert worker["healthcheck"]["test"] == ["CMD-SHELL", f'test -n "$$(find {file} -mmin -1)"']
    assert worker["tmpfs"] == str(Path(file).parent)


def test_compose_keeps_what_waits_in_redis() -> None:
    assert "--appendonly yes" in shlex.join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in shlex.join(SERVICES["redis"]["command"])
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert SERVICES["redis"]["healthcheck"] == {
        "test": ["CMD", "redis-cli", "ping"],
        "interval": "10s",
    }


def test_compose_database_is_that_of_the_shop() -> None:
    assert SERVICES["db"]["volumes"] == ["db:/var/lib/postgresql"]
    assert SERVICES["db"]["environment"] == {"POSTGRES_PASSWORD": ASKED, "POSTGRES_USER": "shop"}
    assert SERVICES["db"]["healthcheck"]["interval"] == "10s"
    assert variables(".env.example") == {"POSTGRES_PASSWORD": ""}


def test_compose_asks_the_web_server_for_a_page() -> None:
    check = SERVICES["web"]["healthcheck"]
    assert "get('http://127.0.0.1:8000/')" in check["test"][-1]
    for name in ("web", "worker"):
        check = SERVICES[name]["healthcheck"]
        assert (check["interval"], check["timeout"]) == ("30s", "5s")


def test_every_tls_address_asks_for_a_certificate() -> None:
    for path in DEPLOY.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            urls = re.findall(r"rediss://\S+", text)
            assert all("?ssl_cert_reqs=required" in url for url in urls)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("web", f"uvicorn shop.main:app --host 127.0.0.1 {UVICORN}"),
        ("worker", "celery -A shop.celery_app worker --loglevel INFO --concurrency 4"),
        ("beat", "celery -A shop.celery_app beat --loglevel INFO --schedule /var/lib/shop/beat"),
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
    assert {service[key] for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome")} == {"yes"}
    assert unit(name)["Unit"]["Wants"] == "network-online.target"
    database = [] if name == "beat" else ["postgresql.service"]
    assert unit(name)["Unit"]["After"].split() == [
        "network-online.target",
        *database,
        "redis-server.service",
    ]
    assert unit(name)["Install"] == {"WantedBy": "multi-user.target"}


def test_only_the_web_server_gives_up_on_results_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for name in OURS if RETRY in SERVICES[name]["environment"]] == ["web"]
    value = SERVICES["web"]["environment"][RETRY]
    assert shlex.split(unit("web")["Service"]["Environment"]) == [f"{RETRY}={value}"]
    assert RETRY not in variables("shop.env.example")
    monkeypatch.setenv(RETRY, value)
    options = Settings().result_backend_transport_options
    assert options == {"retry_policy": {"max_retries": 1}}


def test_units_stop_the_main_process_and_wait() -> None:
    web, worker = unit("web")["Service"], unit("worker")["Service"]
    assert (web["KillMode"], web["TimeoutStopSec"]) == ("mixed", "40s")
    assert (worker["KillMode"], worker["TimeoutStopSec"]) == ("mixed", "6min")


def test_a_reload_replaces_processes_of_which_there_are_two() -> None:
    assert unit("web")["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert [name for name in ("worker", "beat") if "ExecReload" in unit(name)["Service"]] == []
    assert variables("shop.env.example")["WEB_CONCURRENCY"] == "2"
    assert SERVICES["web"]["environment"]["WEB_CONCURRENCY"] == 2


def test_dockerfile() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "FROM python:3.13-slim"
    assert "install --directory --owner shop --group shop /var/lib/shop" in lines[7]
    assert [line for line in lines if line.startswith("COPY ")] == [
        "COPY deploy/requirements.txt deploy/",
        "COPY deploy/heartbeat.py deploy/",
        "COPY shop/ shop/",
    ]
    assert lines[-2] == "USER shop"
    command = json.loads(lines[-1].removeprefix("CMD "))
    assert shlex.join(command) == f"uvicorn shop.main:app --host 0.0.0.0 {UVICORN}"
    for line in lines:
        if line.startswith("COPY "):
            assert all((ROOT / source).exists() for source in line.split()[1:-1])


def test_every_dependency_has_a_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    lines = (DEPLOY / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = {line.partition("==")[0].lower() for line in lines}
    assert {re.match(r"[\w-]+", name)[0] for name in wanted} <= pinned
