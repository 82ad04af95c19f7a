"""Settings; what differs from machine to machine comes from the environment."""

import json
import os
from pathlib import Path
from typing import Any

from celery.schedules import crontab

from config.required import checked_url

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
# Without a key, no web server starts (config/required.py). A worker needs none.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "django-insecure-on-this-machine" if DEBUG else "")
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "shop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shop.middleware.JsonErrors",
    "shop.middleware.limit_body",
    "shop.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEST_RUNNER = "tests.runner.LaneRunner"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        # Web server and worker write to one file: readers need not wait, and who will write waits
        # at the beginning.
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
            "transaction_mode": "IMMEDIATE",
            # In seconds. A receipt holds the file until the mail server has answered.
            "timeout": 30,
        },
        # A file, as threads of one process lock each other out of SQLite's memory.
        "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
    }
}
if "DATABASE_NAME" in os.environ:
    # PostgreSQL's own library reads PGHOST, PGUSER and PGPASSWORD.
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["DATABASE_NAME"],
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TIME_ZONE = "UTC"
USE_TZ = True

STATIC_ROOT = BASE_DIR / "static"
STATIC_URL = "static/"
MEDIA_ROOT = os.environ.get("DJANGO_MEDIA_ROOT", BASE_DIR / "media")
# For every request, with files or without.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "shop@example.org")
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "1025"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
# In seconds. Django waits for ever by default, and a worker process with it.
EMAIL_TIMEOUT = 10

WEBHOOK_URL = os.environ.get("WEBHOOK_URL", "")

if os.environ.get("DJANGO_HTTPS") == "1":
    # Only right behind a proxy that sets this header itself, whatever the client has sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # In seconds. Browsers do not forget it sooner: raise it when all is well.
    SECURE_HSTS_SECONDS = 3600
# Those two would bind the whole domain to HTTPS, other hosts too.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# To the terminal. By default, Django logs nothing there unless DEBUG is on.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"level": "INFO"}},
}

CELERY_BROKER_URL = checked_url("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
# RabbitMQ: .delay() returns when the broker has the message, or fails. Redis ignores these.
CELERY_BROKER_TRANSPORT_OPTIONS = json.loads(
    os.environ.get(
        "CELERY_BROKER_TRANSPORT_OPTIONS",
        '{"confirm_publish": true, "read_timeout": 5, "write_timeout": 5}',
    )
)
CELERY_RESULT_BACKEND = checked_url("CELERY_RESULT_BACKEND", "redis://127.0.0.1:6379/0")
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = json.loads(
    os.environ.get("CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS", "{}")
)
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 5
CELERY_REDIS_SOCKET_TIMEOUT = 5
# The broker keeps a message until its task has ended: every task may run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"interval_start": 0, "max_retries": 1}
# A task whose process was killed is tried again, max_retries times at most.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_BEAT_SCHEDULE = {
    "announce-late-orders": {
        "task": "shop.tasks.announce_late_orders",
        "schedule": crontab(minute="*/5"),
    },
    "tidy": {"task": "shop.tasks.tidy", "schedule": crontab(minute=0, hour=3)},
}
