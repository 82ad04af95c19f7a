"""Make the tables and 120 customers: ``python -m shop.create_tables``."""

from shop.database import Base, Customer, engine, new_session


def create_tables() -> None:
    """Make the tables, 118 customers, and two whom the mail server of the tests does not know."""
    Base.metadata.create_all(engine)
    names = [f"customer{number}" for number in range(118)]
    with new_session.begin() as session:
        session.add_all(
            Customer(email=f"{name}@example.com") for name in [*names, "gone1", "gone2"]
        )


if __name__ == "__main__":
    create_tables()
