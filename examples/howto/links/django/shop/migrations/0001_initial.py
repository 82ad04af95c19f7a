"""The first tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make them."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(max_length=10)),
                ("since", models.DateField(auto_now_add=True)),
            ],
        ),
    ]
