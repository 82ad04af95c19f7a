"""A receipt that is sent over a connection to the mail server."""

import os
from collections.abc import Iterator
from smtplib import SMTP
from typing import Annotated

from celery import Celery
from fastapi import Depends, FastAPI

app = FastAPI()
celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60
celery_app.set_default()


def get_mail_server() -> Iterator[SMTP]:
    """Give a connection to the mail server."""
    with SMTP(os.environ.get("MAIL_HOST", "127.0.0.1")) as server:
        yield server


@celery_app.task
def send_receipt(email: str, server: Annotated[SMTP, Depends(get_mail_server)]) -> None:
    """Send a receipt."""
    server.sendmail("shop@example.com", [email], "Subject: Your receipt")
