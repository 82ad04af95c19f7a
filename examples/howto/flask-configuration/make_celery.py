"""What the celery command loads: ``celery -A make_celery worker``."""

from pathlib import Path

from dotenv import load_dotenv
from shop import create_app

load_dotenv(Path(__file__).with_name(".env"))
flask_app = create_app()
celery_app = flask_app.extensions["celery"]
