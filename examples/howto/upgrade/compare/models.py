"""A task that asks for a model. Its annotations are real types: before 5.6, `pydantic=True` read no others."""

from celery import Celery
from pydantic import BaseModel


class Order(BaseModel):
    """What the task takes."""

    pk: int


def receiver(app: Celery):  # noqa: ANN201 - a task, and no version has a type for that
    """Return a task that says what it has been given."""

    @app.task(pydantic=True, shared=False)
    def receive(order: Order) -> str:
        return "a model" if isinstance(order, Order) else "a mapping"

    return receive
