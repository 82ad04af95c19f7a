"""The factory: settings, the Celery app that it makes, errors, commands."""

import os
import re
import runpy
from pathlib import Path
from ssl import CERT_NONE, CERT_REQUIRED
from threading import Thread

import celery
import pytest
from celery import Celery
from celery.schedules import crontab
from flask import Flask, current_app
from flask.testing import FlaskClient, FlaskCliRunner
from shop import CELERY, create_app, tasks, thumbnails
from shop.celery_app import OVERRIDING_VARIABLES, celery_init_app, refuse_unchecked_tls
from shop.config import Development, Production
from shop.extensions import db
from shop.models import Job, Order, User
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment without settings of the shop."""
    for name in list(os.environ):
        if name.startswith(("FLASK_", "SHOP_")) or name in OVERRIDING_VARIABLES:
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """Return what runs commands of the flask program."""
    return app.test_cli_runner()


@pytest.mark.usefixtures("environ")
def test_defaults() -> None:
    app = create_app()
    assert app.config["CELERY"] == {
        "broker_url": "redis://127.0.0.1:6379/0",
        "broker_transport_options": {
            "confirm_publish": True,
            "read_timeout": 5,
            "write_timeout": 5,
        },
        "result_backend": "redis://127.0.0.1:6379/0",
        "task_acks_late": True,
        "task_retry_on_worker_lost": True,
        "task_time_limit": 300,
        "task_ignore_result": True,
        "beat_schedule": {
            "announce-late-orders": {
                "task": "shop.tasks.announce_late_orders",
                "schedule": crontab(minute="*/5"),
            },
            "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
        },
    }
    assert {name: app.config[name] for name in vars(Development) if name.isupper()} == {
        "IMAGE_FOLDER": "images",
        "MAIL_DEFAULT_SENDER": "shop@example.org",
        "MAIL_PORT": 1025,
        "MAIL_SERVER": "127.0.0.1",
        "MAX_CONTENT_LENGTH": 5 * 1024 * 1024,
        "SQLALCHEMY_DATABASE_URI": "sqlite:///shop.db",
        "WEBHOOK_URL": "",
    }
    with app.app_context():
        assert thumbnails.folder() == Path(app.instance_path, "images")


def test_production(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_CONFIG", "Production")
    environ.setenv("FLASK_CELERY__broker_url", "redis://redis.example.org:6379/0")
    environ.setenv("FLASK_CELERY__result_backend", "redis://redis.example.org:6379/1")
    environ.setenv("FLASK_MAIL_DEFAULT_SENDER", "orders@example.org")
    environ.setenv("FLASK_MAIL_SERVER", "mail.example.org")
    environ.setenv("FLASK_SQLALCHEMY_DATABASE_URI", "sqlite:////srv/shop/shop.db")
    app = create_app()
    assert app.config["CELERY"] == {
        **CELERY,
        "broker_url": "redis://redis.example.org:6379/0",
        "result_backend": "redis://redis.example.org:6379/1",
    }
    assert Production.CELERY == {"broker_url": "", "result_backend": ""}
    mail = app.extensions["mail"]
    assert (mail.server, mail.port, mail.use_tls) == ("mail.example.org", 587, True)
    assert mail.default_sender == "orders@example.org"
    assert app.config["MAX_CONTENT_LENGTH"] == 5 * 1024 * 1024
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"] == {"pool_pre_ping": True}
    with app.app_context():
        assert str(db.engine.url) == "sqlite:////srv/shop/shop.db"


def test_production_lacks_settings(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_CONFIG", "Production")
    message = (
        "Set FLASK_CELERY__broker_url, FLASK_CELERY__result_backend, "
        "FLASK_MAIL_DEFAULT_SENDER, FLASK_MAIL_SERVER, FLASK_SQLALCHEMY_DATABASE_URI"
    )
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        create_app()


def test_environment_wins_over_defaults(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__broker_url", "memory://")
    app = create_app()
    assert app.extensions["celery"].conf.broker_url == "memory://"
    assert app.extensions["celery"].conf.task_ignore_result is True
    assert CELERY["broker_url"] == "redis://127.0.0.1:6379/0"


def test_the_environment_joins_a_mapping(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__broker_transport_options__socket_timeout", "5")
    conf = create_app().extensions["celery"].conf
    assert conf.broker_transport_options == CELERY["broker_transport_options"] | {
        "socket_timeout": 5
    }
    # The next application of this process does not see it.
    assert "socket_timeout" not in CELERY["broker_transport_options"]


def test_test_config_wins_over_environment(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__broker_url", "redis://redis.example.org/0")
    celery = {"broker_url": "memory://", "result_backend": "cache+memory://"}
    app = create_app({"CELERY": celery})
    assert app.extensions["celery"].conf.broker_url == "memory://"


def test_unlisted_settings_are_refused(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__worker_concurency", "4")
    environ.setenv("FLASK_CELERY__BROKER_URL", "memory://")
    message = "Not in Celery's list of settings, all lower case: BROKER_URL, worker_concurency"
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        create_app()


def test_listed_settings_are_accepted(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__worker_concurrency", "4")
    environ.setenv("FLASK_CELERY__broker_transport_options", '{"polling_interval": 0.1}')
    conf = create_app().extensions["celery"].conf
    assert conf.worker_concurrency == 4
    assert conf.broker_transport_options == {"polling_interval": 0.1}


@pytest.mark.parametrize(
    "name",
    [
        "CELERY_BROKER_URL",
        "CELERY_BROKER_READ_URL",
        "CELERY_BROKER_WRITE_URL",
        "CELERY_RESULT_BACKEND",
    ],
)
def test_overriding_variable_is_refused(environ: pytest.MonkeyPatch, name: str) -> None:
    environ.setenv(name, "redis://redis.example.org/0")
    message = (
        f"Unset these, they override the settings: {name}"
        " (BROKER_URL, -b, RESULT_BACKEND and --result-backend set them, too)"
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        create_app()


def test_every_overriding_variable_is_named(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("CELERY_BROKER_URL", "redis://redis.example.org/0")
    environ.setenv("CELERY_RESULT_BACKEND", "redis://redis.example.org/0")
    with pytest.raises(RuntimeError, match=r": CELERY_BROKER_URL, CELERY_RESULT_BACKEND \("):
        create_app()


CHECKED = "rediss://redis.example.org/0?ssl_cert_reqs=required"


def refusal(name: str) -> str:
    """Return the pattern of the error about TLS in a setting."""
    return f"^{re.escape(f'Write ?ssl_cert_reqs=required behind the rediss:// URL in {name}')}$"


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
        [CHECKED, "rediss://other.example.org/0"],
    ],
)
def test_unchecked_tls_is_refused(url: str | list[str]) -> None:
    for name in ("broker_url", "broker_read_url", "broker_write_url", "result_backend"):
        with pytest.raises(RuntimeError, match=refusal(name)):
            refuse_unchecked_tls({name: url})


@pytest.mark.parametrize(
    "url",
    [
        CHECKED,
        f"{CHECKED}&ssl_ca_certs=/etc/ssl/redis.pem",
        "rediss://redis.example.org/0?ssl_cert_reqs=CERT_REQUIRED",
        "rediss://redis.example.org/0?ssl_cert_reqs=optional",
        f"{CHECKED};{CHECKED}",
        [CHECKED, CHECKED],
        "redis://redis.example.org/0",
        "amqps://mq.example.org//",
        None,
    ],
)
def test_checked_tls_is_accepted(url: str | list[str] | None) -> None:
    refuse_unchecked_tls({"broker_url": url, "result_backend": url})


@pytest.mark.parametrize("name", ["broker_url", "result_backend"])
def test_the_factory_asks_for_checked_tls(environ: pytest.MonkeyPatch, name: str) -> None:
    environ.setenv(f"FLASK_CELERY__{name}", "rediss://redis.example.org/0")
    with pytest.raises(RuntimeError, match=refusal(name)):
        create_app()
    environ.setenv(f"FLASK_CELERY__{name}", CHECKED)
    assert create_app().extensions["celery"].conf[name] == CHECKED


def test_what_is_refused_is_not_checked() -> None:
    """The reason for the refusal: the connection of kombu has no certificate to ask for."""
    unchecked, checked = (
        Celery(broker=url, set_as_current=False).connection_for_write().ssl["ssl_cert_reqs"]
        for url in (CHECKED.partition("?")[0], CHECKED)
    )
    assert (unchecked, checked) == (CERT_NONE, CERT_REQUIRED)


@pytest.mark.usefixtures("environ")
def test_make_celery() -> None:
    names = runpy.run_module("make_celery")
    assert names["celery_app"] is names["flask_app"].extensions["celery"]
    assert names["celery_app"].main == "shop"


@pytest.mark.usefixtures("environ")
def test_init_returns_the_celery_app() -> None:
    app = Flask("other")
    app.config["CELERY"] = {"broker_url": "memory://"}
    celery_app = celery_init_app(app)
    assert celery_app is app.extensions["celery"]
    assert celery_app.main == "other"


def test_tasks_are_registered(celery_app: Celery) -> None:
    names = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert names >= {
        "shop.tasks.archive_user",
        "shop.tasks.make_report",
        "shop.tasks.send_receipt",
        "shop.tasks.send_webhook",
        "shop.tasks.shrink_image",
        "shop.tasks.tidy",
    }


def test_the_schedule_names_a_task(celery_app: Celery) -> None:
    assert {entry["task"] for entry in CELERY["beat_schedule"].values()} <= set(celery_app.tasks)


def test_task_runs_in_the_application_context(app: Flask, celery_app: Celery) -> None:
    @celery_app.task
    def name_of_the_application(*args: object, **kwargs: object) -> object:
        return current_app.name, args, kwargs

    assert not current_app
    assert name_of_the_application(1, a=2) == (app.name, (1,), {"a": 2})


def test_other_threads_use_the_same_celery_app(celery_app: Celery) -> None:
    seen = []
    thread = Thread(target=lambda: seen.append(celery.current_app.conf.broker_url))
    thread.start()
    thread.join()
    assert seen == ["memory://"]
    assert tasks.archive_user.app is celery_app


def test_blueprints(app: Flask) -> None:
    assert sorted(app.blueprints) == [
        "cancel",
        "events",
        "images",
        "orders",
        "reports",
        "status",
        "users",
    ]


def test_errors_are_json(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.mimetype == "application/json"
    assert response.json["error"].startswith("The requested URL was not found")


def test_errors_keep_their_headers(client: FlaskClient) -> None:
    response = client.get("/users/1/archive")
    assert response.status_code == 405
    assert set(response.allow) == {"OPTIONS", "POST"}
    assert response.json == {"error": "The method is not allowed for the requested URL."}


def test_init_db_then_add_user(app: Flask, cli: FlaskCliRunner) -> None:
    with app.app_context():
        db.drop_all()
    assert cli.invoke(args=["init-db"]).output == "The tables exist.\n"
    assert cli.invoke(args=["init-db"]).exit_code == 0
    assert cli.invoke(args=["add-user", "grace@example.org"]).output == "User 1 added.\n"
    with app.app_context():
        user = db.session.get(User, 1)
        assert (user.email, user.archived_on) == ("grace@example.org", None)


def test_an_email_address_is_one_user(cli: FlaskCliRunner, user_id: int) -> None:
    with pytest.raises(IntegrityError):
        cli.invoke(args=["add-user", "ada@example.org"], catch_exceptions=False)
    assert (
        cli.invoke(args=["add-user", "grace@example.org"]).output == f"User {user_id + 1} added.\n"
    )


def test_models_are_declarative() -> None:
    assert all(issubclass(model, DeclarativeBase) for model in (User, Order, Job))
