"""The addresses of the shop."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from shop.views import events, images, orders, reports, status, users

# CSRF abuses the cookies that a browser adds by itself. What is exempt here reads no cookie, so
# programs need no token. Where a log-in by session decides, leave the protection on.
urlpatterns = [
    path("", reports.page, name="page"),
    path("images", csrf_exempt(images.create), name="images"),
    path("images/<uuid:image_id>", images.show, name="image"),
    path("orders", csrf_exempt(orders.create), name="orders"),
    path("reports", csrf_exempt(reports.create), name="reports"),
    path("tasks/<uuid:task_id>", csrf_exempt(status.TaskView.as_view()), name="task"),
    path("tasks/<uuid:task_id>/events", events.stream, name="events"),
    path("users/<int:user_id>/archive", csrf_exempt(users.archive), name="archive"),
]
