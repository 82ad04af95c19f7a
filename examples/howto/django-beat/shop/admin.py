"""The admin: schedules."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import PeriodicTask

admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class ScheduleAdmin(PeriodicTaskAdmin):
    """Schedules whose actions are for those only who may change a schedule."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Let those look who may only look."""
        return super().get_actions(request) if self.has_change_permission(request) else {}
