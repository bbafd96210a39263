from django.contrib import admin
from django.urls import path
from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("items/<int:times>/", views.items),
    path("list/", views.ItemList.as_view()),
    path("broken/", views.broken),
    path("stream/", views.stream),
]
