"""Settings, the Celery app, what the factory builds, errors, commands."""

import os
import runpy
import sys
from pathlib import Path
from ssl import CERT_NONE, CERT_REQUIRED
from threading import Thread
from typing import Any
from unittest.mock import MagicMock

import celery
import pytest
from celery import Celery
from celery.schedules import crontab
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr, ValidationError
from shop import tasks
from shop.config import Production, Settings, get_settings
from shop.database import Base, new_session
from shop.main import create_app
from shop.models import User
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from conftest import add

SHOP = Path(__file__).parents[1] / "shop"
PRODUCTION = {
    "SHOP_ENVIRONMENT": "production",
    "SHOP_DATABASE_URL": "postgresql+psycopg://shop@db.example.org/shop",
    "SHOP_BROKER_URL": "redis://redis.example.org/0",
    "SHOP_RESULT_BACKEND": "redis://redis.example.org/1",
    "SHOP_MAIL_HOST": "mail.example.org",
    "SHOP_MAIL_SENDER": "orders@example.org",
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment without settings of the shop."""
    for name in list(os.environ):
        if name.upper().startswith("SHOP_"):
            monkeypatch.delenv(name)
    return monkeypatch


def read_settings() -> Settings:
    """Read the settings anew."""
    return get_settings.__wrapped__()


CHECKED = "rediss://redis.example.org/0?ssl_cert_reqs=required"


@pytest.mark.usefixtures("environ")
def test_defaults() -> None:
    settings = read_settings()
    assert type(settings) is Settings
    assert settings.model_dump() == {
        "database_url": "sqlite:///shop.db",
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": {
            "confirm_publish": True,
            "read_timeout": 5,
            "write_timeout": 5,
        },
        "result_backend": "redis://127.0.0.1:6379/0",
        "result_backend_transport_options": {},
        "image_folder": Path("images"),
        "max_body_size": 5 * 1024 * 1024,
        "mail_host": "127.0.0.1",
        "mail_port": 1025,
        "mail_starttls": False,
        "mail_user": "",
        "mail_password": SecretStr(""),
        "mail_sender": "shop@example.org",
        "webhook_url": "",
    }


def test_variables(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", '{"socket_timeout": 5}')
    environ.setenv("SHOP_MAIL_STARTTLS", "1")
    environ.setenv("SHOP_MAIL_PASSWORD", "secret")
    environ.setenv("SHOP_MAIL_HOST", "")
    settings = read_settings()
    assert settings.broker_transport_options == {"socket_timeout": 5}
    assert settings.mail_starttls is True
    assert settings.mail_password.get_secret_value() == "secret"
    assert settings.mail_host == "127.0.0.1"
    assert "secret" not in repr(settings)


def test_production(environ: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        environ.setenv(name, value)
    settings = read_settings()
    assert type(settings) is Production
    assert settings.broker_url == "redis://redis.example.org/0"
    assert (settings.mail_port, settings.mail_starttls) == (587, True)
    assert settings.max_body_size == 5 * 1024 * 1024


def test_production_lacks_settings(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_ENVIRONMENT", "production")
    environ.setenv("SHOP_BROKER_URL", "")
    environ.setenv("SHOP_MAIL_PASSWORD", "secret")
    with pytest.raises(ValidationError) as caught:
        read_settings()
    missing = [".".join(map(str, error["loc"])) for error in caught.value.errors()]
    assert sorted(missing) == [
        "broker_url",
        "database_url",
        "mail_host",
        "mail_sender",
        "result_backend",
    ]
    assert {error["type"] for error in caught.value.errors()} == {"missing"}
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", [{}, PRODUCTION])
@pytest.mark.parametrize("name", ["SHOP_BROKER_URL", "SHOP_RESULT_BACKEND"])
@pytest.mark.parametrize(
    "url",
    [
        "rediss://redis.example.org/0",
        "rediss://:secret@redis.example.org/0?ssl_ca_certs=/etc/ssl/redis.pem",
        "rediss://redis.example.org/0?ssl_cert_reqs=",
        "rediss://redis.example.org/0?ssl_cert_reqs=none",
        "rediss://redis.example.org/0?ssl_cert_reqs=CERT_NONE",
        "rediss://redis.example.org/0?ssl_cert_reqs=Required",
        "REDISS://redis.example.org/0",
        f"{CHECKED}&ssl_cert_reqs=none",
        f"{CHECKED};rediss://other.example.org/0",
    ],
)
def test_unchecked_tls_is_refused(
    environ: pytest.MonkeyPatch, kind: dict[str, str], name: str, url: str
) -> None:
    for variable, value in {**kind, name: url}.items():
        environ.setenv(variable, value)
    with pytest.raises(ValidationError) as caught:
        read_settings()
    (error,) = caught.value.errors()
    assert error["loc"] == (name.removeprefix("SHOP_").lower(),)
    assert error["msg"] == "Value error, write ?ssl_cert_reqs=required behind each rediss:// URL"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        CHECKED,
        f"{CHECKED}&ssl_ca_certs=/etc/ssl/redis.pem",
        "rediss://redis.example.org/0?ssl_cert_reqs=CERT_REQUIRED",
        "rediss://redis.example.org/0?ssl_cert_reqs=optional",
        "rediss://redis.example.org/0?ssl_cert_reqs=CERT_OPTIONAL",
        f"{CHECKED};{CHECKED}",
        "redis://redis.example.org/0",
        "amqps://mq.example.org//",
    ],
)
def test_checked_tls_is_accepted(environ: pytest.MonkeyPatch, url: str) -> None:
    environ.setenv("SHOP_BROKER_URL", url)
    environ.setenv("SHOP_RESULT_BACKEND", url)
    assert (read_settings().broker_url, read_settings().result_backend) == (url, url)


def test_why_tls_is_refused() -> None:
    unchecked, checked = (
        Celery(broker=url, set_as_current=False).connection_for_write().ssl["ssl_cert_reqs"]
        for url in (CHECKED.partition("?")[0], CHECKED)
    )
    assert (unchecked, checked) == (CERT_NONE, CERT_REQUIRED)
    # The result backend refuses by itself, but not before a result is asked for.
    backend = Celery(backend=CHECKED.partition("?")[0], set_as_current=False)
    with pytest.raises(ValueError, match="A rediss:// URL must have parameter ssl_cert_reqs"):
        _ = backend.backend


def test_development_by_name(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_ENVIRONMENT", "development")
    assert type(read_settings()) is Settings
    environ.setenv("SHOP_ENVIRONMENT", "prodution")
    with pytest.raises(KeyError, match="prodution"):
        read_settings()


def test_settings_are_read_once() -> None:
    assert get_settings() is get_settings()


def test_the_celery_app_has_the_settings(environ: pytest.MonkeyPatch, celery_app: Celery) -> None:
    for name, value in PRODUCTION.items():
        environ.setenv(name, value)
    environ.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", '{"socket_timeout": 5}')
    environ.setenv("SHOP_RESULT_BACKEND_TRANSPORT_OPTIONS", '{"retry_policy": {"max_retries": 1}}')
    environ.setattr("shop.config.get_settings", read_settings)
    try:
        app = runpy.run_path(str(SHOP / "celery_app.py"))["celery_app"]
        seen = []
        thread = Thread(target=lambda: seen.append(celery.current_app.main))
        thread.start()
        thread.join()
    finally:
        celery_app.set_default()
        celery_app.set_current()
    assert seen == ["shop"]
    assert app.conf.include == ["shop.tasks"]
    expected = {
        "broker_url": "redis://redis.example.org/0",
        "broker_transport_options": {"socket_timeout": 5},
        "result_backend": "redis://redis.example.org/1",
        "result_backend_transport_options": {"retry_policy": {"max_retries": 1}},
        "redis_socket_connect_timeout": 5,
        "redis_socket_timeout": 5,
        "task_acks_late": True,
        "task_ignore_result": True,
        "task_publish_retry_policy": {"interval_start": 0, "max_retries": 1},
        "task_retry_on_worker_lost": True,
        "task_time_limit": 300,
        "beat_schedule": {
            "announce-late-orders": {
                "task": "shop.tasks.announce_late_orders",
                "schedule": crontab(minute="*/5"),
            },
            "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
        },
    }
    assert {name: app.conf[name] for name in expected} == expected


def test_tasks_are_registered(celery_app: Celery) -> None:
    celery_app.loader.import_default_modules()
    names = {name for name in celery_app.tasks if name.startswith("shop.")}
    assert names == {
        "shop.tasks.announce_late_orders",
        "shop.tasks.archive_user",
        "shop.tasks.make_report",
        "shop.tasks.send_receipt",
        "shop.tasks.send_webhook",
        "shop.tasks.shrink_image",
        "shop.tasks.tidy",
    }


def test_the_schedule_names_tasks(celery_app: Celery) -> None:
    scheduled = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert scheduled <= set(celery_app.tasks)


def test_other_threads_use_the_same_celery_app(celery_app: Celery) -> None:
    seen = []
    thread = Thread(target=lambda: seen.append(celery.current_app.conf.broker_url))
    thread.start()
    thread.join()
    assert seen == ["memory://"]
    assert tasks.archive_user.app is celery_app


def test_the_engine_asks_before_it_uses_a_connection(environ: pytest.MonkeyPatch) -> None:
    create_engine = MagicMock()
    environ.setattr("sqlalchemy.create_engine", create_engine)
    module = runpy.run_path(str(SHOP / "database.py"))
    create_engine.assert_called_once_with("sqlite:///shop.db", pool_pre_ping=True)
    assert module["new_session"].kw["bind"] is create_engine.return_value


def test_one_app_does_not_change_another(settings: Settings) -> None:
    small = TestClient(create_app(settings.model_copy(update={"max_body_size": 1})))
    large = TestClient(create_app(settings))
    body: dict[str, Any] = {"year": 1}
    assert small.post("/reports", json=body).status_code == 413
    assert large.post("/reports", json=body).status_code == 400


def test_the_limit_counts_what_arrives(settings: Settings) -> None:
    settings.max_body_size = 13
    client = TestClient(create_app(settings), headers={"Content-Type": "application/json"})
    assert client.post("/reports", content=b'{"year":2101}').status_code == 400
    response = client.post("/reports", content=iter([b'{"year":', b" 2101}"]))
    assert response.status_code == 413
    assert response.json() == {"error": "the request is too large"}


def test_errors_are_json(client: TestClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {"error": "Not Found"}


@pytest.mark.parametrize("path", ["/orders", "/reports", "/images", "/users/1/archive"])
def test_errors_keep_their_headers(client: TestClient, path: str) -> None:
    response = client.put(path)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert response.json() == {"error": "Method Not Allowed"}


def test_an_unexpected_error(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.routers.users.archive_user", None)
    add(User(id=7, email="ada@example.org"))
    response = TestClient(app, raise_server_exceptions=False).post("/users/7/archive")
    assert response.status_code == 500
    assert response.json() == {"error": "Internal Server Error"}


def test_every_answer_has_two_more_headers(client: TestClient) -> None:
    for path in ("/", "/static/reports.js", "/nowhere"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'self'"
    headers = client.get("/docs").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in headers
    assert client.get("/redoc").status_code == 404


def test_openapi(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["info"] == {"title": "Shop", "version": "1.0"}
    found = {
        f"{method.upper()} {path}": sorted(operation["responses"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == {
        "DELETE /tasks/{task_id}": ["202", "404", "default"],
        "GET /images/{image_id}": ["200", "404", "default"],
        "GET /tasks/{task_id}": ["200", "404", "503", "default"],
        "GET /tasks/{task_id}/events": ["200", "404", "503", "default"],
        "POST /images": ["202", "400", "413", "503", "default"],
        "POST /orders": ["201", "400", "404", "415", "default"],
        "POST /reports": ["202", "400", "415", "503", "default"],
        "POST /users/{user_id}/archive": ["202", "404", "503", "default"],
    }
    tags = {
        path: operation["tags"]
        for path, operations in document["paths"].items()
        for operation in operations.values()
    }
    assert tags["/tasks/{task_id}"] == tags["/tasks/{task_id}/events"] == ["tasks"]
    assert (tags["/images"], tags["/images/{image_id}"]) == (["images"], ["images"])
    assert (tags["/orders"], tags["/reports"]) == (["orders"], ["reports"])
    assert tags["/users/{user_id}/archive"] == ["users"]


def test_openapi_answers(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for operations in paths.values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    ((kind, body),) = answer["content"].items()
                    assert kind == "application/json"
                    assert list(body["schema"]["properties"]) == ["error"]
                    assert answer["description"]
                    retry = {"Retry-After": {"schema": {"type": "integer"}}}
                    assert answer.get("headers", {}) == (retry if status == "503" else {})
    for path in ("/images", "/reports"):
        accepted = paths[path]["post"]["responses"]["202"]
        assert accepted["description"] == "Accepted: ask there for the state"
        assert accepted["headers"] == {"Location": {"schema": {"type": "string"}}}
    (stream,) = paths["/tasks/{task_id}/events"]["get"]["responses"]["200"]["content"].items()
    assert stream[0] == "text/event-stream"
    state = {"$ref": "#/components/schemas/TaskState"}
    assert stream[1]["itemSchema"]["properties"]["data"]["contentSchema"] == state
    content = paths["/images/{image_id}"]["get"]["responses"]["200"]["content"]
    assert list(content) == ["image/png"]
    default = paths["/orders"]["post"]["responses"]["default"]
    assert default["description"] == "What went wrong"


def test_create_tables(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    test_engine = new_session.kw["bind"]
    Base.metadata.drop_all(test_engine)
    monkeypatch.setattr("shop.database.engine", test_engine)
    monkeypatch.delitem(sys.modules, "shop.create_tables", raising=False)
    for _ in ("once", "again"):
        runpy.run_module("shop.create_tables", run_name="__main__")
        assert capsys.readouterr().out == "The tables exist.\n"
    assert set(inspect(test_engine).get_table_names()) == {"jobs", "orders", "users"}


def test_add_user(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["add_user.py", "grace@example.org"])
    runpy.run_module("shop.add_user", run_name="__main__")
    assert capsys.readouterr().out == "User 1 added.\n"
    with new_session() as session:
        user = session.get_one(User, 1)
        assert (user.email, user.archived_on) == ("grace@example.org", None)
    with pytest.raises(IntegrityError):
        runpy.run_module("shop.add_user", run_name="__main__")
    monkeypatch.setattr(sys, "argv", ["add_user.py", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_module("shop.add_user", run_name="__main__")
    help_text = capsys.readouterr().out
    assert help_text.startswith("usage: python -m shop.add_user [-h] email\n\nAdd a customer.")
