from django.contrib import admin
from django.urls import path, re_path
from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("items/<int:times>/", views.items),
    path("list/", views.ItemList.as_view()),
    re_path(r"^again/(?P<times>[0-9]+)/$", views.items),
    path("broken/", views.broken),
    path("stream/", views.stream),
]
