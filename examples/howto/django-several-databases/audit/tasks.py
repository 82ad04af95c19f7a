"""What the worker does with entries."""

from celery import shared_task

from audit.models import Entry


@shared_task
def forward(entry_id: int) -> str:
    """Note that another system knows of an entry."""
    entry = Entry.objects.get(pk=entry_id)
    entry.forwarded = True
    entry.save(update_fields=["forwarded"])
    return f"forwarded: {entry.text}"
