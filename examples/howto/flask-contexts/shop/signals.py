"""What happens after every task."""

from celery import Task

from shop.models import Run, db


def record_run(sender: Task, state: str, **_: object) -> None:
    """Save how a task ended."""
    with sender.app.flask_app.app_context():
        db.session.add(Run(name=sender.name, state=state))
        db.session.commit()
