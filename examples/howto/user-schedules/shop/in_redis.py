"""Schedules in Redis, which RedBeat reads."""

from redbeat import RedBeatSchedulerEntry

from shop.celery_app import celery_app
from shop.wishes import KINDS, read


def set_schedule(customer_id: int, kind: str, cron: str) -> None:
    """Add or change a customer's schedule; raises ValueError if it is not allowed.

    The hour is that of the setting ``timezone``. Raises RedisError if Redis is away.
    """
    entry = RedBeatSchedulerEntry(
        f"{kind}-{customer_id}",
        KINDS.get(kind),
        read(kind, cron, celery_app.conf.timezone),
        args=[customer_id],
        options={"expires": 3600},
        app=celery_app,
    )
    entry.reschedule()  # it counts from now, or a changed time that has passed is sent
    entry.save()


def delete_schedule(customer_id: int, kind: str) -> None:
    """Delete a customer's schedule; raises KeyError if there is none."""
    key = f"{celery_app.conf.redbeat_key_prefix}{kind}-{customer_id}"
    RedBeatSchedulerEntry.from_key(key, app=celery_app).delete()
