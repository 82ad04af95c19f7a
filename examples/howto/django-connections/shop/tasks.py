"""What the worker does."""

from celery import shared_task
from django.db import connection

from shop.connections import opened


@shared_task
def ask_database() -> str:
    """Ask the database something, and say over which connection of this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return f"connection {len(opened)} of this process"
