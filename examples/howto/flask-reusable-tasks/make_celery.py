"""The way in for the celery command, which does not call factories."""

from shop import create_app

flask_app = create_app()
celery_app = flask_app.extensions["celery"]
