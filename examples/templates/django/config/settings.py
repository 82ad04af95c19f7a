"""Settings. Those that differ between machines come from the environment, or from .env."""

import json
import os
from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent
# On a server there is no such file.
load_dotenv(BASE_DIR / ".env")

needed = ("DJANGO_SECRET_KEY", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
if missing := [name for name in needed if not os.environ.get(name)]:
    raise ImproperlyConfigured(f"Set these variables: {', '.join(missing)}")

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = ["shop"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shop.middleware.Unavailable",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / os.environ.get("DJANGO_SQLITE_FILE", "db.sqlite3"),
        # Web server and worker will write to one file: who comes second waits, in seconds.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True

# To the terminal. By default, Django logs nothing there unless DEBUG is on.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_RESULT_BACKEND = os.environ["CELERY_RESULT_BACKEND"]
# In seconds. Without them, a silent Redis holds a request or a worker for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = json.loads(
    os.environ.get(
        "CELERY_BROKER_TRANSPORT_OPTIONS", '{"socket_connect_timeout": 5, "socket_timeout": 5}'
    )
)
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = json.loads(
    os.environ.get("CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS", "{}")
)
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 5
CELERY_REDIS_SOCKET_TIMEOUT = 5
# A worker that starts before its broker waits for it.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# .delay() tries once more, then raises; the request answers 503.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"interval_start": 0, "max_retries": 1}
# The broker keeps a message until its task has ended: every task may run twice.
CELERY_TASK_ACKS_LATE = True
# A task whose process was killed is tried again, max_retries times at most.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
# In seconds, and shorter than the stop_grace_period in compose.yaml.
CELERY_TASK_TIME_LIMIT = 300
# Only a task that a client asks about keeps its result, for an hour.
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = 3600
CELERY_BEAT_SCHEDULE = {
    "report-of-the-year": {
        "task": "shop.tasks.make_report",
        "schedule": crontab(hour=3, minute=0),
        # Nobody asks for it, and at noon nobody needs it.
        "options": {"ignore_result": True, "expires": 9 * 3600},
    },
}
