"""The first tables."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import shop.models


class Migration(migrations.Migration):
    """Create the tables."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("started_on", models.DateField(default=shop.models.today)),
                ("cancelled", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("archived_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("total_cents", models.PositiveIntegerField()),
                (
                    "placed_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                ("receipt_sent", models.BooleanField(default=False)),
                ("webhook_sent", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="shop.user"),
                ),
            ],
        ),
    ]
