"""Tasks whose arguments are nobody's business."""

from collections.abc import Sequence

from celery import Task
from celery.result import AsyncResult

HIDDEN = {"argsrepr": "(...)", "kwargsrepr": "{...}"}


class PrivateTask(Task):
    """A task whose messages do not show their arguments, also when it is retried."""

    abstract = True

    def apply_async(
        self,
        args: Sequence[object] | None = None,
        kwargs: dict[str, object] | None = None,
        *rest: object,
        **options: object,
    ) -> AsyncResult:
        """Send it."""
        return super().apply_async(args, kwargs, *rest, **(HIDDEN | options))
