"""The project: settings, addresses and the Celery app."""

# Whoever imports the project, the web server too, gets the app before the first task.
from config.celery import app as celery_app

__all__ = ("celery_app",)
