"""The project; whoever imports it has the Celery app, too."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
