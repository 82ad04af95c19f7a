"""Who may do what."""

from sqlalchemy.orm import Session

from shop.models import Clerk


class NotAllowedError(Exception):
    """A clerk who may not do this, or not any more."""


def require_invoicing(session: Session, clerk_id: int) -> Clerk:
    """Return a clerk who may write invoices.

    Raises NotAllowedError for everybody else.
    """
    clerk = session.get(Clerk, clerk_id)
    if clerk is None or not clerk.may_invoice:
        message = f"clerk {clerk_id} may not write invoices"
        raise NotAllowedError(message)
    return clerk
