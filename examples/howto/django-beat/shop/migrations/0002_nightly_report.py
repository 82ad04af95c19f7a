"""Schedule the report, once; later changes are made in the admin."""

import json

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def create_schedule(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Send the task at half past two in Berlin."""
    fields = {
        "minute": "30",
        "hour": "2",
        "day_of_week": "*",
        "day_of_month": "*",
        "month_of_year": "*",
        "timezone": "Europe/Berlin",
    }
    crontabs = apps.get_model("django_celery_beat", "CrontabSchedule").objects
    crontab = crontabs.filter(**fields).first() or crontabs.create(**fields)
    apps.get_model("django_celery_beat", "PeriodicTask").objects.update_or_create(
        name="nightly report",
        defaults={
            "task": "shop.tasks.make_report",
            "crontab": crontab,
            "kwargs": json.dumps({"days_ago": 1}),
        },
    )


def delete_schedule(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Leave the crontab, which other schedules may use."""
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(name="nightly report").delete()


class Migration(migrations.Migration):
    """Create the schedule, or delete it."""

    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("shop", "0001_initial"),
    ]

    operations = [migrations.RunPython(create_schedule, delete_schedule)]
