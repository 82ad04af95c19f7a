"""The other backend: Django's cache."""

import re

import pytest
from config import celery_app
from django.core.cache import InvalidCacheBackendError
from django_celery_results.backends import CacheBackend
from kombu.exceptions import EncodeError

ID = "3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"


@pytest.mark.django_db
def test_the_cache_keeps_python_objects() -> None:
    cache = CacheBackend(app=celery_app)
    cache.store_result(ID, {"EUR"}, "SUCCESS")
    assert cache.get_result(ID) == {"EUR"}
    with pytest.raises(EncodeError):
        celery_app.backend.store_result(ID, {"EUR"}, "SUCCESS")


def test_cache_backend_names_one_of_djangos_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(celery_app.conf, "cache_backend", "django-cache")
    message = "The connection 'django-cache' doesn't exist."
    with pytest.raises(InvalidCacheBackendError, match=re.escape(message)):
        CacheBackend(app=celery_app).get_state(ID)
