"""Programs that measure Celery: how fast it is, and what a fault costs. See README.md."""
