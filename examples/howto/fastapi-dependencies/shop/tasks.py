"""The tasks."""

from shop.celery_app import celery_app
from shop.clerks import require_invoicing
from shop.database import new_session
from shop.models import Order
from shop.rates import open_rates


@celery_app.task
def write_invoice(order_id: int, clerk_id: int) -> int:
    """Write the invoice of an order for a clerk, and return its amount.

    Raises NotAllowedError if the clerk may not do this any more, NoResultFound if there
    is no such order, httpx2.HTTPError if the bank does not answer.
    """
    with new_session() as session, open_rates() as rates:
        require_invoicing(session, clerk_id)
        order = session.get_one(Order, order_id)
        order.euro_cents = rates.in_euro(order.total_cents, order.currency)
        session.commit()
        return order.euro_cents
