"""A second decorator, in order to give a task a second name."""

from celery import shared_task


@shared_task
def tidy() -> None:
    """Tidy the shop."""


clean = shared_task(name="shop.clean")(tidy)
