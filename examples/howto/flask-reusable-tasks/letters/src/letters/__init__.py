"""Letters to customers, for any Flask application with Celery."""
