"""The project: settings from the environment, the Celery app, what a web server loads."""

import os
import runpy
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import MagicMock, call, patch

import celery
from celery.schedules import crontab
from config import celery_app
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from shop import tasks

from tests.cases import Plain, WithRows

ROOT = Path(__file__).parents[1]
PRODUCTION = {
    "DJANGO_SECRET_KEY": "".join(map(chr, range(48, 112))),
    "DJANGO_ALLOWED_HOSTS": "shop.example.org,127.0.0.1",
    "DJANGO_HTTPS": "1",
}


def settings_with(**variables: str) -> dict[str, Any]:
    """Return the settings with nothing in the environment but these variables."""
    with patch.dict("os.environ", variables, clear=True):
        module = runpy.run_path(str(ROOT / "config" / "settings.py"))
    return {name: value for name, value in module.items() if name.isupper()}


class SettingsTest(Plain):
    """What the settings are, and which variables change them."""

    def test_defaults(self) -> None:
        settings = settings_with()
        expected = {
            "DEBUG": False,
            "SECRET_KEY": "",
            "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
            "MEDIA_ROOT": ROOT / "media",
            "DATA_UPLOAD_MAX_MEMORY_SIZE": 5 * 1024 * 1024,
            "DEFAULT_FROM_EMAIL": "shop@example.org",
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": 1025,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": False,
            "EMAIL_TIMEOUT": 10,
            "WEBHOOK_URL": "",
            "USE_TZ": True,
            "TIME_ZONE": "UTC",
        }
        self.assertEqual({name: settings[name] for name in expected}, expected)
        self.assertFalse([name for name in settings if name.startswith(("SECURE_", "SESSION_"))])
        self.assertEqual(
            {name: value for name, value in settings.items() if name.startswith("CELERY_")},
            {
                "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
                "CELERY_BROKER_TRANSPORT_OPTIONS": {
                    "confirm_publish": True,
                    "read_timeout": 5,
                    "write_timeout": 5,
                },
                "CELERY_RESULT_BACKEND": "redis://127.0.0.1:6379/0",
                "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS": {},
                "CELERY_REDIS_SOCKET_CONNECT_TIMEOUT": 5,
                "CELERY_REDIS_SOCKET_TIMEOUT": 5,
                "CELERY_TASK_ACKS_LATE": True,
                "CELERY_TASK_IGNORE_RESULT": True,
                "CELERY_TASK_PUBLISH_RETRY_POLICY": {"interval_start": 0, "max_retries": 1},
                "CELERY_TASK_RETRY_ON_WORKER_LOST": True,
                "CELERY_TASK_TIME_LIMIT": 300,
                "CELERY_BEAT_SCHEDULE": {
                    "announce-late-orders": {
                        "task": "shop.tasks.announce_late_orders",
                        "schedule": crontab(minute="*/5"),
                    },
                    "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
                },
            },
        )

    def test_variables(self) -> None:
        variables = {
            "DJANGO_SECRET_KEY": "key",
            "DJANGO_MEDIA_ROOT": "/var/lib/shop/media",
            "DEFAULT_FROM_EMAIL": "orders@example.org",
            "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
            "EMAIL_HOST": "mail.example.org",
            "EMAIL_HOST_USER": "shop",
            "EMAIL_HOST_PASSWORD": "password",
            "WEBHOOK_URL": "https://receiver.example.org/",
            "CELERY_BROKER_URL": "amqp://broker.example.org",
            "CELERY_RESULT_BACKEND": "redis://redis.example.org/1",
        }
        settings = settings_with(**variables)
        found = {name: settings[name.replace("DJANGO_", "")] for name in variables}
        self.assertEqual(found, variables)
        settings = settings_with(
            DJANGO_ALLOWED_HOSTS="a.example.org,b.example.org",
            EMAIL_PORT="587",
            EMAIL_USE_TLS="1",
            CELERY_BROKER_TRANSPORT_OPTIONS='{"socket_timeout": 5}',
            CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS='{"retry_policy": {"max_retries": 1}}',
        )
        self.assertEqual(settings["ALLOWED_HOSTS"], ["a.example.org", "b.example.org"])
        self.assertEqual((settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]), (587, True))
        self.assertEqual(settings["CELERY_BROKER_TRANSPORT_OPTIONS"], {"socket_timeout": 5})
        policy = settings["CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"]["retry_policy"]
        self.assertEqual(policy, {"max_retries": 1})

    def test_debug(self) -> None:
        settings = settings_with(DJANGO_DEBUG="1")
        self.assertIs(settings["DEBUG"], True)
        self.assertTrue(settings["SECRET_KEY"].startswith("django-insecure-"))
        self.assertEqual(settings_with(DJANGO_DEBUG="1", **PRODUCTION)["SECRET_KEY"][:3], "012")
        self.assertIs(settings_with(DJANGO_DEBUG="0")["DEBUG"], False)

    def test_a_certificate_that_nobody_checks(self) -> None:
        checked = "rediss://:secret@redis.example.org/0?ssl_cert_reqs=required"
        for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"):
            for url in (
                checked,
                f"rediss://a.example.org?ssl_cert_reqs=CERT_REQUIRED;{checked}",
                "rediss://redis.example.org?ssl_cert_reqs=none&ssl_cert_reqs=optional",
                "redis://redis.example.org/0",
            ):
                with self.subTest(name, url=url):
                    self.assertEqual(settings_with(**{name: url})[name], url)
            message = f"^Write \\?ssl_cert_reqs=required behind the rediss:// URL in {name}$"
            for url in (
                checked.partition("?")[0],
                checked.replace("required", "none"),
                checked.replace("required", "CERT_NONE"),
                f"{checked}&ssl_cert_reqs=none",
                f"{checked};rediss://b.example.org",
            ):
                with (
                    self.subTest(name, url=url),
                    self.assertRaisesRegex(ImproperlyConfigured, message),
                ):
                    settings_with(**{name: url})

    def test_databases(self) -> None:
        default = settings_with()["DATABASES"]["default"]
        self.assertEqual(default["ENGINE"], "django.db.backends.sqlite3")
        self.assertEqual(default["NAME"], ROOT / "db.sqlite3")
        self.assertEqual(
            settings_with(DATABASE_NAME="shop")["DATABASES"]["default"],
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "shop",
                "CONN_MAX_AGE": 60,
                "CONN_HEALTH_CHECKS": True,
            },
        )

    def test_production_passes_the_checks_for_it(self) -> None:
        security = ("ALLOWED_HOSTS", "CSRF_", "DEBUG", "SECRET_KEY", "SECURE_", "SESSION_")
        settings = settings_with(**PRODUCTION)
        chosen = {name: value for name, value in settings.items() if name.startswith(security)}
        self.assertEqual(chosen["SECURE_HSTS_SECONDS"], 3600)
        with self.settings(**chosen):
            call_command("check", deploy=True, fail_level="WARNING")
        with (
            self.settings(**{**chosen, "SESSION_COOKIE_SECURE": False}),
            self.assertRaisesRegex(CommandError, "security.W012"),
        ):
            call_command("check", deploy=True, fail_level="WARNING")

    def test_https(self) -> None:
        settings = settings_with(**PRODUCTION)
        chosen = {name: value for name, value in settings.items() if name.startswith("SECURE_")}
        with self.settings(**chosen):
            response = self.client.get("/")
            self.assertEqual(response.status_code, 301)
            self.assertEqual(response.headers["Location"], "https://testserver/")
            response = self.client.get("/", headers={"X-Forwarded-Proto": "https"})
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.headers["Strict-Transport-Security"], "max-age=3600")


class ServerTest(Plain):
    """What a web server loads."""

    def load(self, name: str, **variables: str) -> dict[str, Any]:
        """Load a module, with nothing in the environment but these variables."""
        with (
            patch.dict("os.environ", variables, clear=True),
            # It has been done, and would set up logging again.
            patch("django.setup"),
        ):
            module = runpy.run_path(str(ROOT / "config" / f"{name}.py"))
            self.assertEqual(os.environ["DJANGO_SETTINGS_MODULE"], "config.settings")
        return module

    def test_no_server_without_a_key(self) -> None:
        message = "^Set DJANGO_SECRET_KEY, or DJANGO_DEBUG=1 on your own machine$"
        for name in ("asgi", "wsgi"):
            with self.subTest(name), self.assertRaisesRegex(ImproperlyConfigured, message):
                self.load(name)

    def test_with_a_key(self) -> None:
        for name in ("asgi", "wsgi"):
            with self.subTest(name):
                application = self.load(name, **PRODUCTION)["application"]
                self.assertEqual(type(application).__name__, f"{name.upper()}Handler")

    def test_on_the_machine_of_a_developer(self) -> None:
        with self.settings(DEBUG=True):
            self.assertIn("application", self.load("wsgi"))


class CeleryTest(Plain):
    """The Celery app."""

    def test_it_is_made_in_this_order(self) -> None:
        app = MagicMock()

        def make(name: str) -> MagicMock:
            found = (name, os.environ["DJANGO_SETTINGS_MODULE"])
            self.assertEqual(found, ("config", "config.settings"))
            return app

        with patch.dict("os.environ", clear=True), patch("celery.Celery", make):
            runpy.run_path(str(ROOT / "config" / "celery.py"))
        expected = [
            call.config_from_object("django.conf:settings", namespace="CELERY"),
            call.autodiscover_tasks(),
        ]
        self.assertEqual(app.mock_calls, expected)

    def test_it_has_the_settings_of_django(self) -> None:
        self.assertEqual(celery_app.main, "config")
        self.assertIs(celery_app.conf.task_ignore_result, True)
        self.assertEqual(celery_app.conf.timezone, "UTC")
        with self.settings(CELERY_TASK_TIME_LIMIT=5):
            self.assertEqual(celery_app.conf.task_time_limit, 5)

    def test_no_task_is_acknowledged_before_it_ends(self) -> None:
        for name, task in celery_app.tasks.items():
            if name.startswith("shop."):
                with self.subTest(name):
                    self.assertIs(task.acks_late, True)
                    self.assertIs(task.retry_on_worker_lost, True)
                    self.assertGreater(task.max_retries, 0)

    def test_tasks_are_registered(self) -> None:
        celery_app.loader.import_default_modules()
        names = {name for name in celery_app.tasks if name.startswith("shop.")}
        self.assertEqual(
            names,
            {
                "shop.tasks.announce_late_orders",
                "shop.tasks.archive_user",
                "shop.tasks.make_report",
                "shop.tasks.send_receipt",
                "shop.tasks.send_webhook",
                "shop.tasks.shrink_image",
                "shop.tasks.tidy",
            },
        )

    def test_the_schedule_names_tasks(self) -> None:
        scheduled = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
        self.assertLessEqual(scheduled, set(celery_app.tasks))

    def test_other_threads_use_the_same_app(self) -> None:
        seen = []
        thread = Thread(target=lambda: seen.append(celery.current_app.conf.broker_url))
        thread.start()
        thread.join()
        self.assertEqual(seen, ["memory://"])
        self.assertIs(tasks.archive_user.app, celery_app)


class MigrationsTest(WithRows):
    """The migrations."""

    def test_none_is_missing(self) -> None:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
