"""Endpoints that send and commit in the wrong order."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from shop import risks
from shop.database import new_session
from shop.models import Order
from shop.tasks import send_receipt
from sqlalchemy.orm import Session

app = FastAPI()


def get_transaction() -> Iterator[Session]:
    """Give a request its session, and commit at its end."""
    with new_session.begin() as session:
        yield session


LateDep = Annotated[Session, Depends(get_transaction)]
SoonDep = Annotated[Session, Depends(get_transaction, scope="function")]


@app.post("/late", status_code=201)
def create_late(email: str, session: LateDep) -> None:
    """Leave the commit to the dependency."""
    session.add(Order(email=email))


@app.post("/soon", status_code=201)
def create_soon(email: str, session: SoonDep) -> None:
    """Leave the commit to a dependency that ends with this function."""
    session.add(Order(email=email))


@app.post("/too-early", status_code=201)
def create_too_early(email: str, session: SoonDep) -> None:
    """Send the receipt, and leave the commit to the dependency."""
    order = Order(email=email)
    session.add(order)
    session.flush()
    send_receipt.delay(order.id)
    order.risk = risks.ask(email)


@app.post("/background-late")
def create_in_background(email: str, session: LateDep, tasks: BackgroundTasks) -> None:
    """Send the receipt after the answer, and before the commit."""
    order = Order(email=email)
    session.add(order)
    session.flush()
    tasks.add_task(send_receipt.delay, order.id)


@app.post("/background-soon")
def create_then_background(email: str, session: SoonDep, tasks: BackgroundTasks) -> None:
    """Send the receipt after the answer, and after the commit."""
    order = Order(email=email)
    session.add(order)
    session.flush()
    tasks.add_task(send_receipt.delay, order.id)


@app.post("/background-order")
def create_and_read_later(email: str, session: SoonDep, tasks: BackgroundTasks) -> None:
    """Read the order when its session has been closed."""
    order = Order(email=email)
    session.add(order)
    tasks.add_task(lambda: order.email)
