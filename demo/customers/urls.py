from django.urls import path

from customers import views

app_name = "customers"

urlpatterns = [
    path("addresses/", views.AddressBookView.as_view(), name="address-book"),
    path("<int:pk>/statement/", views.StatementView.as_view(), name="statement"),
]
