"""Settings; what differs from machine to machine comes from the environment."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

from config.databases import postgresql

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["shop"]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A file, as threads of one process lock each other out of SQLite's memory.
        "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
    }
}
if "DATABASE_URL" in os.environ:
    DATABASES["default"] = postgresql(
        os.environ["DATABASE_URL"], pooled=os.environ.get("DATABASE_POOL") == "1"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_RESULT_BACKEND = os.environ.get("CELERY_RESULT_BACKEND", "redis://127.0.0.1:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = json.loads(
    os.environ.get("CELERY_BROKER_TRANSPORT_OPTIONS", "{}")
)
# How many tasks use one connection; 0 is Celery's default, a new one for each task.
CELERY_DB_REUSE_MAX = int(os.environ.get("CELERY_DB_REUSE_MAX", "0"))
