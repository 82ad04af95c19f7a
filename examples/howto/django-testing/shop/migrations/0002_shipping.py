"""The first way to send an order."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add_post(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the post, in the database that is migrated."""
    shipping = apps.get_model("shop", "Shipping")
    shipping.objects.using(schema_editor.connection.alias).create(name="post")


class Migration(migrations.Migration):
    """Fill the table."""

    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(add_post, migrations.RunPython.noop)]
