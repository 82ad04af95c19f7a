"""The admin: task results, to look at."""

from django.contrib import admin
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult

admin.site.unregister([TaskResult, GroupResult])


@admin.register(TaskResult)
class ResultAdmin(TaskResultAdmin):
    """Results that nobody adds or changes by hand, and a page that stays fast with many."""

    list_display = ("task_name", "status", "date_done", "task_id")
    list_filter = ("status", "date_done")
    date_hierarchy = None
    search_fields = ("=task_id", "task_name")
    show_full_result_count = False

    def has_add_permission(self, *_: object) -> bool:
        """Leave that to Celery."""
        return False

    def has_change_permission(self, *_: object) -> bool:
        """Show the row without a form."""
        return False
