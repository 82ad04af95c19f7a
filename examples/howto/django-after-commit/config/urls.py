"""The addresses of the shop."""

from django.urls import path
from shop import views

urlpatterns = [
    path("orders", views.create),
    path("group-orders", views.create_group),
    path("async-orders", views.create_async),
    path("years/<int:year>/reports", views.create_report),
    path("reports/<uuid:job_id>", views.report),
]
