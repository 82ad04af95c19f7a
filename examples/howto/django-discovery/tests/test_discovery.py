"""What a worker of the shop knows."""

import pkgutil
import sys

import pytest
from config import celery_app
from django.urls import clear_url_caches
from shop import tasks


def test_the_worker_knows_every_name() -> None:
    celery_app.loader.import_default_modules()
    own = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert own == {
        "shop.tasks.mail.send_receipt",
        "shop.tasks.send_receipt",
        "shop.tasks.stock.count_stock",
    }


def test_no_module_is_forgotten() -> None:
    modules = {module.name for module in pkgutil.walk_packages(tasks.__path__, "shop.tasks.")}
    assert modules - set(sys.modules) == set()


@pytest.mark.parametrize("skip", ["", "true"])
def test_a_worker_imports_the_urls_to_check_them(
    monkeypatch: pytest.MonkeyPatch, skip: str
) -> None:
    monkeypatch.setenv("CELERY_SKIP_CHECKS", skip)  # the option --skip-checks sets it
    monkeypatch.delitem(sys.modules, "config.urls", raising=False)
    clear_url_caches()
    celery_app.loader.import_default_modules()
    assert ("config.urls" in sys.modules) is not bool(skip)
