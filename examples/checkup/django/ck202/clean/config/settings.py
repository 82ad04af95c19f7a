"""The settings of Django and Celery."""

import os

INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
CELERY_BROKER_URL = os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_TIME_LIMIT = 60
