from django.urls import path

from catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.ProductListView.as_view(), name="product-list"),
    path("new/", views.NewArrivalsView.as_view(), name="new-arrivals"),
    path("stock/", views.StockReportView.as_view(), name="stock-report"),
    path("tags/", views.TagListView.as_view(), name="tag-list"),
    path("basket/quote/", views.BasketQuoteView.as_view(), name="basket-quote"),
    path("categories/", views.CategoryListView.as_view(), name="category-list"),
    path("categories/<slug:slug>/", views.CategoryDetailView.as_view(), name="category-detail"),
]
