"""Letters that are sent again."""

from celery import shared_task

from letters.tasks import send


@shared_task(name="letters.remind")
def remind(address: str, times: int) -> list[str]:
    """Have a letter sent several times, and return the ids of the tasks."""
    return [send.delay(address).id for _ in range(times)]
