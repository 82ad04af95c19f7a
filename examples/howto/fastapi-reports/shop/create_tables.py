"""Make the tables and 2500 orders to report on: ``python -m shop.create_tables``."""

from sqlalchemy import insert

from shop.database import Base, Order, engine, new_session

CUSTOMERS = ["Ada", "Grace", "=1+1"]


def create_tables(orders: int = 2500) -> None:
    """Make the tables, and orders of three customers in turn."""
    Base.metadata.create_all(engine)
    rows = [
        {"customer": CUSTOMERS[number % len(CUSTOMERS)], "total_cents": 100 + number}
        for number in range(orders)
    ]
    with new_session.begin() as session:
        session.execute(insert(Order), rows)


if __name__ == "__main__":
    create_tables()
