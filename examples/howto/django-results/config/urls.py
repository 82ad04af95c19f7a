"""The addresses of the shop."""

from django.contrib import admin
from django.urls import path
from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("reports/<int:year>", views.create),
    path("reports/<uuid:report_id>", views.state),
]
