"""The tasks."""

from uuid import uuid4

from shop import clients
from shop.celery_app import celery_app


@celery_app.task
def ask(question: str) -> str:
    """Ask the partner; raises httpx2.HTTPError."""
    answer = clients.partner().get(f"/{question}")
    return answer.raise_for_status().text


@celery_app.task
def coupon() -> str:
    """Return the code of a new coupon."""
    return str(uuid4())
