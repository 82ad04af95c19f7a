"""Settings of Django."""

import os

from django.core.management.utils import get_random_secret_key

from shop.logs import configure

ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1").split(",")
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ROOT_URLCONF = "shop.django_urls"
MIDDLEWARE = [
    "shop.django_middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

LOGGING_CONFIG = None  # or Django sets up its own handlers, too
configure()
