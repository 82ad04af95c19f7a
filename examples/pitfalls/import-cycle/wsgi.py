"""What gunicorn imports: this enters the circle elsewhere."""

from make_celery import flask_app as app

__all__ = ["app"]
