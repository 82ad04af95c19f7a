"""Threads of one's own take connections out of a pool, and never give them back."""

import os
from threading import Thread
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": url.hostname,
            "PORT": url.port,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 2, "timeout": 1}},
        }
    }
)


def ask() -> None:
    """Ask the database something."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


for _ in range(2):  # as a task does that wants to be quicker
    thread = Thread(target=ask)
    thread.start()
    thread.join()

try:
    ask()
finally:
    connection.close_pool()  # or its threads delay the end of the program
