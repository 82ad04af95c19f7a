"""Which database a query goes to."""

from celery import current_task
from django.db.models import Model


def home(model: type[Model] | Model) -> str:
    """Return the database that the rows of a model are written to."""
    return "audit" if model._meta.app_label == "audit" else "default"


class ShopRouter:
    """Entries have a database of their own; what the web server reads comes from the replica."""

    def db_for_read(self, model: type[Model], **_: object) -> str:
        """Choose a database to read from."""
        # What was committed a moment ago may not have reached the replica.
        if home(model) == "default" and not current_task:
            return "replica"
        return home(model)

    def db_for_write(self, model: type[Model], **_: object) -> str:
        """Choose a database to write to."""
        return home(model)

    def allow_relation(self, one: Model, other: Model, **_: object) -> bool:
        """Allow what is in one database, or in its replica."""
        return home(one) == home(other)

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool:
        """Make each table in its database."""
        return (app_label == "audit") == (db == "audit")
