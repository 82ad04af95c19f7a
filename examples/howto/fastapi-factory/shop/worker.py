"""The Celery app of one tenant: ``celery -A shop.worker worker``."""

from shop.celery_app import create_celery
from shop.config import get_settings

celery_app = create_celery(get_settings())
