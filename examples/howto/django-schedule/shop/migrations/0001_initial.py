"""The table of jobs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by `makemigrations`."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
