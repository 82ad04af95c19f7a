"""What a worker of the shop knows."""

import pkgutil
import sys

from make_celery import celery_app
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
