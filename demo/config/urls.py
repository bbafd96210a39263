from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="shop:order-list"), name="home"),
    path("admin/", admin.site.urls),
    path("api/", include("shop.api.urls")),
    path("audit/", include("audit.urls")),
    path("blog/", include("blog.urls")),
    path("customers/", include("customers.urls")),
    path("orders/", include("shop.urls")),
    path("products/", include("catalogue.urls")),
]
