"""Create the tables that do not exist yet: ``python -m shop.create_tables``."""

from shop import models
from shop.database import engine

if __name__ == "__main__":
    models.Base.metadata.create_all(engine)
