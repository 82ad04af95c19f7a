"""The addresses of the shop."""

from django.urls import path
from shop import views

urlpatterns = [
    path("orders/too-early", views.create_too_early),
    path("orders", views.create),
]
