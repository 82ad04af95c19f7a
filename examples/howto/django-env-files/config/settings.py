"""Settings; what differs from machine to machine comes from the environment, or from .env."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

needed = ("DJANGO_SECRET_KEY", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND")
if missing := [name for name in needed if not os.environ.get(name)]:
    raise ImproperlyConfigured(f"Set these variables: {', '.join(missing)}")

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["shop"]
TIME_ZONE = "UTC"
USE_TZ = True

CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_RESULT_BACKEND = os.environ["CELERY_RESULT_BACKEND"]
CELERY_TASK_IGNORE_RESULT = True
