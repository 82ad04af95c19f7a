"""The addresses of the shop."""

from django.contrib import admin
from django.urls import path
from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("orders", views.create_order),
    path("orders/<int:pk>", views.order_status, name="order"),
]
