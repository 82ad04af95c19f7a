"""The project, without the import of its Celery app."""
