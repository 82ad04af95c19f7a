"""Django's settings."""

CELERY_BROKER_URL = "memory://"
