"""As little of Django as its part of Celery needs."""

SECRET_KEY = "only-for-this-measurement"  # noqa: S105
INSTALLED_APPS = ["django.contrib.contenttypes"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
