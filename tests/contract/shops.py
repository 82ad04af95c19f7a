"""The three shops as their readers run them: a web server, and a worker where the lane has one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
from sinks import MailServer, WebhookReceiver

from measure.leftovers import deleted_afterwards
from measure.processes import Program
from verify.shell import IGNORED, files_settings, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).with_name("apps")
BIN = Path(sys.executable).parent
FRAMEWORKS = ("flask", "django", "fastapi")
SECONDS = 60  # until a server answers or a task ends, also on a busy machine
STARTED_EMPTY = ("CELERY_", "DATABASE_", "DJANGO_", "EMAIL_", "FLASK_", "PG", "PYTEST_", "SHOP_")
CUSTOMERS = ("ada@example.org", "grace@example.org")  # with the ids 1 and 2
MAX_BODY = 5 * 1024 * 1024  # bytes; the limit that all three have


@dataclass
class Prepared:
    """Database files with tables and customers, by framework."""

    files: dict[str, Path] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=lambda: {name: Lock() for name in FRAMEWORKS})


@dataclass
class Shop:
    """A shop that runs."""

    framework: str
    lane: str
    http: httpx2.Client
    mail: MailServer
    webhooks: WebhookReceiver
    folder: Path
    settings: dict[str, Any]  # of Celery
    logs: list[Path] = field(default_factory=list)

    def order(self, total_cents: int = 1905, user_id: int = 1) -> int:
        """Place an order, and return its id."""
        body = {"user_id": user_id, "total_cents": total_cents}
        answer = self.http.post("/orders", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def ended(self, location: str) -> dict[str, Any]:
        """Ask for the state of a task until the task has ended, and return it."""
        state: dict[str, Any] = {}

        def has_ended() -> bool:
            answer = self.http.get(location)
            assert answer.status_code == 200, answer.text
            state.update(answer.json())
            return state["state"] in {"SUCCESS", "FAILURE", "REVOKED"}

        self.until(has_ended)
        return state

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something has happened."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not in {SECONDS} s; {self.log()}"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Say whether the web server listens."""
        try:
            self.http.get("/")
        except httpx2.TransportError:
            return False
        return True

    def log(self) -> str:
        """Return the end of what the programs of this shop have printed."""
        return "\n".join(f"{path.name}:\n{path.read_text()[-4000:]}" for path in self.logs)


def settings_of(lane: str, folder: Path, services: Mapping[str, str]) -> dict[str, Any]:
    """Return the Celery settings that make a lane."""
    memory = {"broker_url": "memory://", "result_backend": "cache+memory://"}
    if lane == "eager":
        # Without task_eager_propagates, which would raise the task's error in the request.
        return {**memory, "task_always_eager": True, "task_store_eager_result": True}
    if lane == "worker":
        return {**memory, "broker_transport_options": {"polling_interval": 0.01}}
    if lane == "files":
        return files_settings(folder)
    if lane == "away":  # nobody listens on port 9
        nobody = "redis://127.0.0.1:9/0"
        once = {"retry_policy": {"max_retries": 1}}
        return {
            "broker_url": nobody,
            "result_backend": nobody,
            "result_backend_transport_options": once,
            "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
        }
    name = f"contract_{os.getpid()}_{folder.name}"
    prefix = {"global_keyprefix": f"{name}_"}
    common = {"result_backend": services["REDIS_URL"], "result_backend_transport_options": prefix}
    if lane == "redis":
        broker = {"broker_url": services["REDIS_URL"], "broker_transport_options": prefix}
        return {**broker, **common}
    names = ("task_default_queue", "task_default_exchange", "task_default_routing_key")
    names += ("control_exchange", "event_exchange", "event_queue_prefix")
    own = {setting: f"{name}_{setting}" for setting in names}
    own["task_default_queue"] = own["task_default_routing_key"] = own["task_default_exchange"]
    return {"broker_url": services["AMQP_URL"], **common, **own}


def environment_of(shop: Shop, database: str) -> dict[str, str]:
    """Return the variables of a shop: where its database, its files and the world outside are."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(STARTED_EMPTY)}
    mail, hook = str(shop.mail.port), shop.webhooks.url
    files, uploads = shop.folder / "shop.db", str(shop.folder / "uploads")
    own = {
        "flask": {
            "FLASK_SQLALCHEMY_DATABASE_URI": database or f"sqlite:///{files}",
            "FLASK_IMAGE_FOLDER": uploads,
            "FLASK_MAIL_PORT": mail,
            "FLASK_WEBHOOK_URL": hook,
        },
        "django": {
            "DJANGO_SECRET_KEY": "only-for-this-test",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DJANGO_MEDIA_ROOT": uploads,
            "EMAIL_PORT": mail,
            "WEBHOOK_URL": hook,
        },
        "fastapi": {
            "SHOP_DATABASE_URL": database or f"sqlite:///{files}",
            "SHOP_IMAGE_FOLDER": uploads,
            "SHOP_MAIL_PORT": mail,
            "SHOP_WEBHOOK_URL": hook,
        },
    }[shop.framework]
    if database and shop.framework == "django":
        parts = urlsplit(database)
        own |= {
            "DATABASE_NAME": parts.path.removeprefix("/"),
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port or 5432),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
        }
    return {
        **kept,
        **own,
        "CONTRACT_CELERY": json.dumps(shop.settings),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join((str(shop.folder / "project"), str(APPS))),
        "PYTHONUNBUFFERED": "1",
    }


def prepare(shop: Shop, environment: dict[str, str], prepared: Prepared) -> None:
    """Make the tables and the customers, as the shop's README says; copy the file that another lane has made."""
    file = shop.folder / ("project/db.sqlite3" if shop.framework == "django" else "shop.db")
    with prepared.locks[shop.framework]:
        if file_made := prepared.files.get(shop.framework):
            shutil.copy(file_made, file)
            return
        make_tables(shop, environment)
        prepared.files[shop.framework] = shutil.copy(file, shop.folder / "prepared.db")


def make_tables(shop: Shop, environment: dict[str, str]) -> None:
    """Run the commands of the README."""
    tables, add = {
        "flask": ("flask --app shop init-db", "flask --app shop add-user"),
        "django": ("python manage.py migrate --verbosity 0", "python manage.py add_user"),
        "fastapi": ("python -m shop.create_tables", "python -m shop.add_user"),
    }[shop.framework]
    for command in (tables, *(f"{add} {email}" for email in CUSTOMERS)):
        run = subprocess.run(
            command.split(),
            cwd=shop.folder / "project",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"


def program(shop: Shop, name: str, command: str, environment: dict[str, str]) -> Program:
    """Run a program in a process group of its own; it ends with the `with` block."""
    log = shop.folder / f"{name}.log"
    shop.logs.append(log)
    return Program(command.split(), shop.folder / "project", environment, log)


def server_command(framework: str, port: int) -> str:
    """Return the command of a shop's web server."""
    # A connection that the server closes while the client uses it again is not what is tested.
    gunicorn = f"gunicorn --no-control-socket --keep-alive {SECONDS} --threads 8"
    name = f"{framework}_shop"
    return {
        "flask": f"{gunicorn} --bind 127.0.0.1:{port} {name}:flask_app",
        "django": f"{gunicorn} --bind 127.0.0.1:{port} {name}:django_app",
        "fastapi": f"uvicorn --timeout-keep-alive {SECONDS} --port {port} {name}:fastapi_app",
    }[framework]


@contextlib.contextmanager
def running(
    framework: str, lane: str, folder: Path, services: Mapping[str, str], prepared: Prepared
) -> Iterator[Shop]:
    """Run a shop in a lane; `services` are the URLs of the live ones."""
    folder.mkdir()
    shutil.copytree(ROOT / "examples" / framework, folder / "project", ignore=IGNORED)
    port = free_port()
    with contextlib.ExitStack() as stack:
        mail, webhooks = MailServer(), WebhookReceiver()
        for sink in (mail, webhooks):
            stack.callback(sink.server_close)
            stack.callback(sink.shutdown)
        http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS)
        stack.callback(http.close)
        settings = settings_of(lane, folder, services)
        shop = Shop(framework, lane, http, mail, webhooks, folder, settings)
        stack.enter_context(deleted_afterwards(settings))
        database = services.get("DATABASE_URL", "")
        environment = environment_of(shop, database)
        if database:
            make_tables(shop, environment)
        else:
            prepare(shop, environment, prepared)
        name = f"{framework}_shop"
        server = server_command(framework, port)
        thread = {"CONTRACT_THREAD": "1"} if lane == "worker" else {}
        stack.enter_context(program(shop, "web", server, {**environment, **thread}))
        if lane not in {"eager", "worker", "away"}:
            worker = f"celery -A {name}:celery_app worker --concurrency 2 --loglevel INFO"
            stack.enter_context(program(shop, "tasks", worker, environment))
        shop.until(shop.answers)
        yield shop
