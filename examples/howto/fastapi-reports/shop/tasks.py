"""What the shop does outside of a request."""

from celery import Task

from shop import reports
from shop.celery_app import celery_app


@celery_app.task(
    bind=True, ignore_result=False, acks_late=True, soft_time_limit=600, time_limit=660
)
def make_report(self: Task, report_id: str) -> int:
    """Write the file of a report and return the number of its rows.

    Raises NoResultFound if nobody has asked for the report.
    """

    def tell(done: int, total: int) -> None:
        self.update_state(state="PROGRESS", meta={"done": done, "total": total})

    return reports.write(report_id, tell)


@celery_app.task
def tidy() -> int:
    """Delete old reports and return their number."""
    return reports.tidy()
