from django.urls import path
from store import views

urlpatterns = [
    path("orders/", views.OrderList.as_view()),
    path("notes/", views.NoteList.as_view()),
    path("whoami/", views.whoami),
]
