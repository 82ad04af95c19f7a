"""Look at a task: ``python look.py ID``."""

import sys

from shop.celery_app import celery_app

result = celery_app.AsyncResult(sys.argv[1])
sys.stdout.write(f"{result.state} {result.result!r}\n")
