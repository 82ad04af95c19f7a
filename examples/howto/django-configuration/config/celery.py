"""The Celery app; its settings are those of Django that begin with ``CELERY_``."""

import os

from celery import Celery
from celery.signals import import_modules
from django.core.management.base import BaseCommand, SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@import_modules.connect(sender=app)
def check_settings(**_: object) -> None:
    """Stop a worker, or beat, that would ignore settings."""
    if os.environ.get("CELERY_SKIP_CHECKS"):
        return
    try:
        BaseCommand().check(tags=["celery"])
    except SystemCheckError as exc:
        raise SystemExit(str(exc)) from None
