"""What the celery command and gunicorn load: ``celery -A make_celery worker``."""

from pathlib import Path

from dotenv import load_dotenv
from shop import create_app

# The flask command reads .env itself. On a server there is no such file.
load_dotenv(Path(__file__).with_name(".env"))
flask_app = create_app()
celery_app = flask_app.extensions["celery"]
