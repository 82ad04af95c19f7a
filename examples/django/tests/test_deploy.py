"""The files below ``deploy``, read by what they are for or by a parser; nothing is started."""

import json
import re
import runpy
import shlex
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch
from urllib.request import Request

import yaml
from celery.signals import heartbeat_sent
from django.conf import settings

from tests.cases import Plain
from tests.test_settings import PRODUCTION, settings_with

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
SECRETS = ("DJANGO_SECRET_KEY", "PGPASSWORD", "POSTGRES_PASSWORD")
ASKED = re.compile(r"\$\{\w+:\?copy deploy/\.env\.example to deploy/\.env\}")
RETRY = "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"


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


class ProgramsTest(Plain):
    """What runs beside the shop."""

    def test_gunicorn_settings(self) -> None:
        module = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
        self.assertEqual(
            {name: value for name, value in module.items() if not name.startswith("_")},
            {
                "bind": "127.0.0.1:8000",
                "threads": 4,
                "graceful_timeout": 30,
                "accesslog": "-",
                "control_socket_disable": True,
            },
        )

    def test_gunicorn_serves_static_files_too(self) -> None:
        whitenoise = MagicMock()
        with (
            patch.dict("os.environ", PRODUCTION),
            patch.dict(sys.modules, whitenoise=whitenoise),
            patch("django.setup"),
        ):
            module = runpy.run_path(str(DEPLOY / "wsgi.py"))
        self.assertIs(module["application"], whitenoise.WhiteNoise.return_value)
        whitenoise.WhiteNoise.assert_called_once_with(
            module["shop"], root=ROOT / "static", prefix="/static/"
        )
        self.assertEqual(type(module["shop"]).__name__, "WSGIHandler")

    def test_each_heartbeat_touches_the_file(self) -> None:
        file = self.folder / "heartbeat"
        with patch.dict("os.environ", WORKER_HEARTBEAT_FILE=str(file)):
            module = runpy.run_path(str(DEPLOY / "heartbeat.py"))
        self.addCleanup(heartbeat_sent.disconnect, module["touch"])
        self.assertFalse(file.exists())
        for _ in range(2):
            heartbeat_sent.send(sender=None)
            self.assertTrue(file.exists())
            file.unlink()
        self.assertEqual(module["FILE"], file)

    def test_heartbeat_needs_to_know_the_file(self) -> None:
        with (
            patch.dict("os.environ", clear=True),
            self.assertRaisesRegex(KeyError, "WORKER_HEARTBEAT_FILE"),
        ):
            runpy.run_path(str(DEPLOY / "heartbeat.py"))

    def test_dockerfile(self) -> None:
        lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
        self.assertEqual(lines[-2], "USER shop")
        command = json.loads(lines[-1].removeprefix("CMD "))
        self.assertEqual(
            shlex.join(command),
            "gunicorn --config deploy/gunicorn.conf.py --bind 0.0.0.0:8000 deploy.wsgi:application",
        )
        self.assertIn("RUN python manage.py collectstatic --no-input", lines)
        for line in lines:
            if line.startswith("COPY "):
                self.assertTrue(all((ROOT / source).exists() for source in line.split()[1:-1]))

    def test_every_dependency_has_a_version(self) -> None:
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        extras = project["optional-dependencies"]
        wanted = [*project["dependencies"], *extras["postgresql"], *extras["production"]]
        lines = (DEPLOY / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
        for line in lines:
            self.assertRegex(line, r"^[\w.-]+==[\w.]+$")
        pinned = {line.partition("==")[0].lower() for line in lines}
        self.assertLessEqual({re.match(r"[\w-]+", name)[0] for name in wanted}, pinned)


class EnvironmentTest(Plain):
    """The variables."""

    def test_the_shop_understands_them(self) -> None:
        systemd = variables("shop.env.example")
        compose = {key: str(value) for key, value in SERVICES["worker"]["environment"].items()}
        for environment, redis, database in (
            (systemd, "127.0.0.1", "127.0.0.1"),
            (compose, "redis", "db"),
        ):
            with self.subTest(redis):
                found = settings_with(**environment)
                self.assertEqual(found["CELERY_BROKER_URL"], f"redis://{redis}:6379/0")
                self.assertEqual(found["CELERY_RESULT_BACKEND"], f"redis://{redis}:6379/1")
                options = {
                    "confirm_publish": True,
                    "read_timeout": 5,
                    "write_timeout": 5,
                    "socket_connect_timeout": 5,
                    "socket_timeout": 5,
                }
                self.assertEqual(found["CELERY_BROKER_TRANSPORT_OPTIONS"], options)
                self.assertEqual(found["DATABASES"]["default"]["NAME"], "shop")
                self.assertEqual((environment["PGHOST"], environment["PGUSER"]), (database, "shop"))
                self.assertEqual(found["ALLOWED_HOSTS"], ["shop.example.org", "127.0.0.1"])
                self.assertEqual(found["MEDIA_ROOT"], "/var/lib/shop/media")
                mail = (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"])
                self.assertEqual(mail, ("mail.example.org", 587, True))
                secure = (found["DEBUG"], found["SECURE_SSL_REDIRECT"])
                self.assertEqual(secure, (False, True))

    def test_both_are_the_same(self) -> None:
        ours = set(SERVICES["web"]["environment"]) - {RETRY}
        self.assertEqual(ours, set(variables("shop.env.example")))

    def test_only_the_web_server_gives_up_on_results_at_once(self) -> None:
        asked = [name for name in OURS if RETRY in SERVICES[name]["environment"]]
        self.assertEqual(asked, ["web"])
        value = SERVICES["web"]["environment"][RETRY]
        self.assertEqual(shlex.split(unit("web")["Service"]["Environment"]), [f"{RETRY}={value}"])
        self.assertNotIn(RETRY, variables("shop.env.example"))
        options = settings_with(**{RETRY: value})[RETRY]
        self.assertEqual(options, {"retry_policy": {"max_retries": 1}})

    def test_no_file_holds_a_secret(self) -> None:
        for name in ("shop.env.example", ".env.example"):
            found = {key: value for key, value in variables(name).items() if key in SECRETS}
            self.assertEqual((len(found), set(found.values())), (2, {""}))
        for service in SERVICES.values():
            environment = service.get("environment", {})
            for key in SECRETS:
                self.assertRegex(
                    environment.get(key, "${X:?copy deploy/.env.example to deploy/.env}"), ASKED
                )
        for path in DEPLOY.iterdir():
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                self.assertNotRegex(text, r"://[^/\s]*:[^/\s]*@")


class ComposeTest(Plain):
    """Docker Compose."""

    def test_it_publishes_only_the_web_server_on_this_machine(self) -> None:
        ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
        self.assertEqual(ports, {"web": ["127.0.0.1:8000:8000"]})

    def test_commands(self) -> None:
        self.assertNotIn("command", SERVICES["web"])
        for name, command in (
            (
                "worker",
                "celery -A config worker --loglevel INFO --concurrency 4 -I deploy.heartbeat",
            ),
            ("beat", "celery -A config beat --loglevel INFO --schedule /var/lib/shop/beat"),
            ("migrate", "python manage.py migrate --no-input"),
        ):
            self.assertEqual(shlex.join(SERVICES[name]["command"]), command)

    def test_it_stops_later_than_the_longest_task(self) -> None:
        self.assertEqual(settings.CELERY_TASK_TIME_LIMIT, 300)
        self.assertEqual(SERVICES["worker"]["stop_grace_period"], "6m")
        self.assertEqual(SERVICES["web"]["stop_grace_period"], "40s")

    def test_it_starts_in_order_and_again(self) -> None:
        healthy, done = (
            {"condition": f"service_{word}"} for word in ("healthy", "completed_successfully")
        )
        for name in ("web", "worker", "beat"):
            self.assertEqual(SERVICES[name]["depends_on"], {"redis": healthy, "migrate": done})
            self.assertEqual(SERVICES[name]["restart"], "unless-stopped")
        self.assertEqual(SERVICES["migrate"]["depends_on"], {"db": healthy})
        self.assertEqual(SERVICES["migrate"]["restart"], "no")
        check = ["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "shop"]
        self.assertEqual(SERVICES["db"]["healthcheck"]["test"], check)

    def test_it_shares_one_locked_down_image(self) -> None:
        for name in OURS:
            service = SERVICES[name]
            build = {"context": "..", "dockerfile": "deploy/Dockerfile"}
            self.assertEqual(service["build"], build)
            self.assertEqual(service["volumes"], ["shop:/var/lib/shop"])
            self.assertEqual((service["read_only"], service["cap_drop"]), (True, ["ALL"]))

    def test_the_web_server_is_asked_as_the_proxy_would(self) -> None:
        *program, code = SERVICES["web"]["healthcheck"]["test"]
        self.assertEqual(program, ["CMD", "python", "-c"])
        with patch("urllib.request.urlopen") as urlopen:
            exec(code, {})  # noqa: S102
        (request,) = urlopen.call_args.args
        self.assertIsInstance(request, Request)
        self.assertEqual(request.full_url, "http://127.0.0.1:8000/")
        self.assertEqual(request.headers, {"X-forwarded-proto": "https"})

    def test_the_worker_is_healthy_while_its_file_is_young(self) -> None:
        worker = SERVICES["worker"]
        file = worker["environment"]["WORKER_HEARTBEAT_FILE"]
        check = ["CMD-SHELL", f'test -n "$$(find {file} -mmin -1)"']
        self.assertEqual(worker["healthcheck"]["test"], check)
        self.assertEqual(worker["tmpfs"], str(Path(file).parent))

    def test_it_keeps_what_waits_in_redis(self) -> None:
        command = shlex.join(SERVICES["redis"]["command"])
        self.assertIn("--appendonly yes", command)
        self.assertIn("--maxmemory-policy noeviction", command)


class UnitsTest(Plain):
    """systemd."""

    def test_units(self) -> None:
        for name, command in (
            ("web", "gunicorn --config deploy/gunicorn.conf.py deploy.wsgi:application"),
            ("worker", "celery -A config worker --loglevel INFO --concurrency 4"),
            ("beat", "celery -A config beat --loglevel INFO --schedule /var/lib/shop/beat"),
        ):
            with self.subTest(name):
                service = unit(name)["Service"]
                self.assertEqual(service["ExecStart"], f"/srv/shop/.venv/bin/{command}")
                self.assertEqual(service["User"], "shop")
                self.assertEqual(service["WorkingDirectory"], "/srv/shop")
                self.assertEqual(service["EnvironmentFile"], "/etc/shop/shop.env")
                state = (service["StateDirectory"], service["StateDirectoryMode"])
                self.assertEqual(state, ("shop", "0700"))
                self.assertEqual((service["Restart"], service["RestartSec"]), ("always", "5s"))
                self.assertEqual(service["ProtectSystem"], "strict")
                self.assertEqual(unit(name)["Install"], {"WantedBy": "multi-user.target"})

    def test_they_stop_the_main_process_and_wait(self) -> None:
        web, worker = unit("web")["Service"], unit("worker")["Service"]
        self.assertEqual(
            (web["KillMode"], web["TimeoutStopSec"], web["Type"]), ("mixed", "40s", "notify")
        )
        self.assertEqual((worker["KillMode"], worker["TimeoutStopSec"]), ("mixed", "6min"))
