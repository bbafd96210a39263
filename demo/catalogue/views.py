import json

from django.http import JsonResponse
from django.views import View
from django.views.generic import DetailView, ListView

from catalogue import services
from catalogue.models import Category, Product, Tag


class ProductListView(ListView):
    """The shop window, optionally searched by `?q=`."""

    template_name = "catalogue/product_list.html"
    context_object_name = "products"
    paginate_by = 24

    def get_queryset(self):
        products = Product.objects.available().select_related("category")
        if query := self.request.GET.get("q"):
            products = products.search(query)
        return products


class NewArrivalsView(ListView):
    template_name = "catalogue/new_arrivals.html"
    context_object_name = "products"
    queryset = Product.objects.new_arrivals()


class StockReportView(ListView):
    """Stock beside the units that were sold."""

    template_name = "catalogue/stock_report.html"
    context_object_name = "products"

    def get_queryset(self):
        return Product.objects.filter(is_active=True)


class CategoryListView(ListView):
    model = Category
    template_name = "catalogue/category_list.html"
    context_object_name = "categories"


class CategoryDetailView(DetailView):
    queryset = Category.objects.select_related("parent")
    template_name = "catalogue/category_detail.html"


class TagListView(ListView):
    """Every tag with the number of products that carry it."""

    template_name = "catalogue/tag_list.html"
    context_object_name = "tags"
    queryset = Tag.objects.all()


class BasketQuoteView(View):
    """Prices a basket sent as JSON, `{"<product pk>": quantity, ...}`."""

    def post(self, request):
        quantities = {int(pk): quantity for pk, quantity in json.loads(request.body).items()}
        return JsonResponse({"total": str(services.price_basket(quantities))})
