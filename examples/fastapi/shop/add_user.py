"""``python -m shop.add_user EMAIL``."""

import sys
from argparse import ArgumentParser

from shop.database import new_session
from shop.models import User


def main() -> None:
    """Add a customer. Raises IntegrityError for an address that is another customer's."""
    parser = ArgumentParser(prog="python -m shop.add_user", description="Add a customer.")
    parser.add_argument("email")
    user = User(email=parser.parse_args().email)
    with new_session.begin() as session:
        session.add(user)
        session.flush()
        user_id = user.id
    sys.stdout.write(f"User {user_id} added.\n")


if __name__ == "__main__":
    main()
