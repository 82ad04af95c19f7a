"""What the endpoints ask for."""

from typing import Annotated

from celery import Celery
from fastapi import Depends
from fastapi.requests import HTTPConnection


def get_celery(connection: HTTPConnection) -> Celery:
    """Return the Celery app of the FastAPI app that answers, also to a WebSocket."""
    return connection.app.state.celery


CeleryApp = Annotated[Celery, Depends(get_celery)]
