"""The first tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make them."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="PriceRise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cents", models.PositiveIntegerField()),
                ("position", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("price_cents", models.PositiveIntegerField()),
            ],
        ),
    ]
