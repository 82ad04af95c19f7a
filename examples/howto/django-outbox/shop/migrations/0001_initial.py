"""The first tables."""

import uuid

from django.db import migrations, models


def number() -> models.BigAutoField:
    """Return the primary key of a table."""
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    """Make them."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", number()),
                ("task", models.CharField(max_length=200)),
                ("args", models.JSONField()),
                ("task_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", number()),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("receipt_sent_at", models.DateTimeField(editable=False, null=True)),
            ],
        ),
    ]
