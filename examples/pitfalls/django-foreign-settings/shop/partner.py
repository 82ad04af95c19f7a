"""Send tasks to the warehouse, which is another project with another broker."""

from celery import Celery
from django.conf import settings

app = Celery("warehouse", set_as_current=False, fixups=[])


def reserve(order_id: int) -> str:
    """Have the warehouse reserve the goods; return the id of its task."""
    with app.connection_for_write(settings.PARTNER_BROKER_URL) as connection:
        result = app.send_task(
            "warehouse.tasks.reserve",
            [order_id],
            queue="warehouse",
            ignore_result=True,
            connection=connection,
        )
    return result.id
