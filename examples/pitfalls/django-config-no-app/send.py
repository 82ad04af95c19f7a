"""Send a task as a view does, without the import in config/__init__.py."""

import os

import django
from celery import shared_task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"


send_receipt.delay_on_commit("ada@example.com")
