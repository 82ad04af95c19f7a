"""What the programs of the pages import anyway; imported once, in the server that forks them (warm.py).

No module may be here that looks at its environment when it is imported: gunicorn remembers the folder.
"""

import gc
import importlib
import inspect

from _pytest.config import default_plugins

MODULES = (
    "PIL.Image",
    "celery.__main__",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.filesystem",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.contrib.testing.worker",
    "celery.events.state",
    "celery.loaders.app",
    "celery.worker.consumer",
    "celery.worker.state",
    "coverage",
    "django.contrib.admin.options",
    "django.core.management.commands.migrate",
    "django.core.management.commands.runserver",
    "django.core.servers.basehttp",
    "django.db.backends.sqlite3.base",
    "django.test",
    "django.test.utils",
    "django.views.debug",
    "fastapi.testclient",
    "flask.cli",
    "flask.json.tag",
    "flask_mail",
    "flask_sqlalchemy",
    "kombu.transport.filesystem",
    "kombu.transport.memory",
    "pydantic_settings",
    "pytest",
    "requests",
    "sqlalchemy.dialects.sqlite",
    "verify.blocks",
    "verify.verdicts.session",
    "unittest.mock",
    "uvicorn.main",
    "uvicorn.protocols.http.h11_impl",
    "werkzeug.serving",
    *(f"_pytest.{name}" for name in default_plugins),
)

for module in MODULES:
    importlib.import_module(module)
inspect.stack()  # coverage asks for it; the first time takes 0.1 s, as it looks at every module
gc.freeze()  # a fork that collects garbage would copy all of the above
