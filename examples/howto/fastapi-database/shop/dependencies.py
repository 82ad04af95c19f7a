"""What several routes need before they begin."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from shop.database import new_session


def get_session() -> Iterator[Session]:
    """Give a request its session, and close it."""
    with new_session() as session:
        yield session


# "function": closed before the answer is sent.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
