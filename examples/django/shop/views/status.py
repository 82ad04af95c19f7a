"""The state of a task, and its end."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from shop import jobs
from shop.states import as_json, read_state


class TaskView(View):
    """What a client can do with a task: ask, and cancel. An unknown id answers 404."""

    def get(self, _: HttpRequest, task_id: UUID) -> HttpResponse:
        """Say what is known about a task."""
        job = jobs.find(task_id)
        answer = read_state(str(job.pk))
        return HttpResponse(f"{as_json(answer)}\n", content_type="application/json")

    def delete(self, _: HttpRequest, task_id: UUID) -> JsonResponse:
        """Ask for the end of a task."""
        job = jobs.find(task_id)
        # The task looks at this between two steps.
        job.cancelled = True
        job.save(update_fields=["cancelled"])
        return JsonResponse({"id": job.pk}, status=202)
