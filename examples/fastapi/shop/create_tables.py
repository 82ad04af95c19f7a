"""``python -m shop.create_tables``."""

import sys

from shop import models
from shop.database import engine


def main() -> None:
    """Create the tables that do not exist yet. A table that has changed stays as it is."""
    models.Base.metadata.create_all(engine)
    sys.stdout.write("The tables exist.\n")


if __name__ == "__main__":
    main()
