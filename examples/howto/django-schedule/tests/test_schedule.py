"""The schedule fits the tasks and the settings."""

from unittest.mock import patch

import pytest
from celery import Celery
from django.conf import settings


def test_the_schedule_names_tasks(celery_app: Celery) -> None:
    celery_app.loader.import_default_modules()
    names = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert names <= celery_app.tasks.keys()


def test_a_misspelt_name_is_found(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(celery_app.conf.beat_schedule, "wrong", {"task": "shop.tasks.tydi"})
    with (
        patch.object(celery_app.loader, "import_default_modules") as load,
        pytest.raises(AssertionError, match=r"shop\.tasks\.tydi"),
    ):
        test_the_schedule_names_tasks(celery_app)
    load.assert_called_once_with()


def test_the_hour_is_that_of_django(celery_app: Celery) -> None:
    assert str(celery_app.timezone) == settings.TIME_ZONE
    entry = celery_app.conf.beat_schedule["tidy"]
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {0})
    assert entry["options"] == {"expires": 21600}
