"""What the shop does outside of a request."""

from celery import shared_task
from flask import current_app, url_for

from shop.celery_app import FlaskTask
from shop.models import Customer, Failure, db

LETTERS = {
    "de": "Willkommen! Ihr Konto: {url}",
    "en": "Welcome! Your account: {url}",
}


class RecordedTask(FlaskTask):
    """A task whose failures are saved."""

    def on_failure(self, exc: Exception, task_id: str, *_: object) -> None:
        """Save why the task failed."""
        with self.app.flask_app.app_context():
            db.session.add(Failure(task_id=task_id, error=repr(exc)))
            db.session.commit()


@shared_task(base=RecordedTask)
def charge(cents: int) -> str:
    """Charge an amount; raises ValueError if there is nothing to charge."""
    if cents <= 0:
        message = f"nothing to charge: {cents}"
        raise ValueError(message)
    return f"{cents} {current_app.config['CURRENCY']}"


@shared_task
def send_welcome(customer_id: int, url: str, language: str) -> str:
    """Write to a customer; raises sqlalchemy.exc.NoResultFound without one."""
    customer = db.session.get_one(Customer, customer_id)
    return f"{customer.email}: {LETTERS[language].format(url=url)}"


@shared_task
def remind(customer_id: int) -> str:
    """Write to a customer whom no request has sent; raises NoResultFound without one."""
    customer = db.session.get_one(Customer, customer_id)
    url = url_for("customers.account")
    return f"{customer.email}: {LETTERS[customer.language].format(url=url)}"
