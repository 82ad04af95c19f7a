"""The addresses of the shop. Those of pages begin with the language."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path
from shop import views

urlpatterns = [
    path("customers", views.sign_up),
    *i18n_patterns(path("account", views.account, name="account")),
]
