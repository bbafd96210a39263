from django.urls import path

from shop import views

app_name = "shop"

urlpatterns = [
    path("", views.OrderListView.as_view(), name="order-list"),
    path("packing/", views.PackingListView.as_view(), name="packing-list"),
    path("dispatched/", views.DispatchListView.as_view(), name="dispatch-list"),
    path("shipments/", views.ShipmentListView.as_view(), name="shipment-list"),
    path("labels.csv", views.ShippingLabelsView.as_view(), name="shipping-labels"),
    path("track/<str:reference>/", views.OrderTrackingView.as_view(), name="order-tracking"),
]
