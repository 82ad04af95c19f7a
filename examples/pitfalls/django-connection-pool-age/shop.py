"""A pool, and an age for the connections that it keeps."""

from django.conf import settings
from django.db import connection

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "shop",
            "OPTIONS": {"pool": True},
            "CONN_MAX_AGE": 60,
        }
    }
)

connection.ensure_connection()
