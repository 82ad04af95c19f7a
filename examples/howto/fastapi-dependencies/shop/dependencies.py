"""What a request needs: thin functions around modules that know nothing of FastAPI."""

import hashlib
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.clerks import NotAllowedError, require_invoicing
from shop.database import new_session
from shop.models import Clerk
from shop.rates import Rates, open_rates


def get_session() -> Iterator[Session]:
    """Give a request its session, and close it."""
    with new_session() as session:
        yield session


def get_rates() -> Iterator[Rates]:
    """Give a request its connection to the bank, and close it."""
    with open_rates() as rates:
        yield rates


SessionDep = Annotated[Session, Depends(get_session, scope="function")]
RatesDep = Annotated[Rates, Depends(get_rates, scope="function")]
TokenDep = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def get_clerk(token: TokenDep, session: SessionDep) -> Clerk:
    """Return the clerk who asks, if invoices are for this clerk to write."""
    token_hash = hashlib.sha256(token.credentials.encode()).hexdigest()
    clerk_id = session.scalar(select(Clerk.id).where(Clerk.token_hash == token_hash))
    if clerk_id is None:
        raise HTTPException(401, "unknown token", {"WWW-Authenticate": "Bearer"})
    try:
        return require_invoicing(session, clerk_id)
    except NotAllowedError as error:
        raise HTTPException(403, str(error)) from error


ClerkDep = Annotated[Clerk, Depends(get_clerk)]
