"""A task closes a connection, and the transaction of its caller is gone."""

from celery import Celery
from django.conf import settings
from django.db import connection, transaction

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}}
)
app = Celery("shop")
app.conf.task_always_eager = True


@app.task
def send_receipt() -> None:
    """Send a receipt, and close what seems to be the task's connection."""
    connection.close()


# A TestCase of Django wraps each test like this.
with transaction.atomic():
    send_receipt.delay()
    connection.cursor()
