import type { Shape } from "./shape.ts";

/** What every module begins with. */
export const imports = `from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, render
from django.views.generic import DetailView, ListView, View
from rest_framework import generics, viewsets
from rest_framework.routers import SimpleRouter

from customers.models import Customer
from shapes.showing import OrderSerializer, customers, products
from shop.models import Order, OrderItem


`;

const join = '.select_related("customer")';
const list = 'template_name = "shapes/customers.html"';
const five = [5, 1] as const;

/** A view of one expression: the commonest shapes differ in nothing else. */
function expression(name: string, code: string, to: string, queries: readonly [number, number] = five): Shape {
  return {
    name,
    code: `def view(request):\n    return customers(${code})\n`,
    edit: [[code.replace(/[«»]/g, ""), to]],
    queries,
  };
}

export const shapes: readonly Shape[] = [
  // Where the expression stands.
  expression("argument", "«Order.objects.all()»", `Order.objects.all()${join}`),
  expression("method_of_queryset", "«Order.objects.paid()»", `Order.objects.paid()${join}`),
  expression("chained_methods", '«Order.objects.paid()».order_by("pk")', `Order.objects.paid().order_by("pk")${join}`),
  expression("sliced", "«Order.objects.all()»[:3]", `Order.objects.all()${join}[:3]`, [4, 1]),
  expression("in_a_list", "list(«Order.objects.all()»)", `list(Order.objects.all()${join})`),
  expression("iterator", "«Order.objects.all()».iterator()", `Order.objects.all()${join}.iterator()`),
  expression("in_bulk", "«Order.objects.in_bulk()».values()", `Order.objects${join}.in_bulk().values()`),
  expression("default_manager", "«Order._default_manager.all()»", `Order._default_manager.all()${join}`),
  expression(
    "conditional",
    "Order.objects.paid() if request.GET else «Order.objects.all()»",
    `Order.objects.paid() if request.GET else Order.objects.all()${join}`,
  ),
  {
    name: "variable",
    code: `def view(request):
    orders = «Order.objects.all()»
    return customers(orders)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "variable_filtered_later",
    code: `def view(request):
    orders = «Order.objects.all()»
    if "q" not in request.GET:
        orders = orders.filter(status="paid")
    return customers(orders)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "walrus",
    code: `def view(request):
    if orders := «Order.objects.all()»:
        return customers(orders)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "unpacked",
    code: `def view(request):
    title, orders = "Orders", «Order.objects.all()»
    return customers(orders)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "attribute",
    code: `class Orders(View):
    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.orders = «Order.objects.all()»

    def get(self, request):
        return customers(self.orders)


view = Orders.as_view()
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "comprehension",
    code: `def view(request):
    return HttpResponse([order.customer.name for order in «Order.objects.all()»])
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "lines_of_their_own",
    code: `def view(request):
    orders = (
        Order.objects
        .«filter(status="paid")»  # the others wait
        .order_by("pk")
    )
    return customers(orders)
`,
    edit: [['        .order_by("pk")\n', `        .order_by("pk")\n        ${join}\n`]],
    queries: five,
  },
  {
    name: "two_in_one_line",
    code: `def view(request):
    return customers(list(«Order.objects.paid()») + list(Order.objects.shipped()))
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: [6, 2],
  },
  {
    name: "lambda_expression",
    code: `find = lambda: «Order.objects.all()»


def view(request):
    return customers(find())
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "of_the_module",
    code: `ORDERS = «Order.objects.all()»


def view(request):
    return customers(ORDERS.all())
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "generator",
    code: `def paid():
    yield from «Order.objects.paid()»


def view(request):
    return customers(paid())
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: five,
  },
  {
    name: "in_a_dictionary",
    code: `SHOWN = {"all": «Order.objects.all()», "customers": Customer.objects.all()}


def view(request):
    return customers(SHOWN["all"].filter(status="paid"))
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "given_to_a_template",
    code: `def view(request):
    return render(request, "shapes/customers.html", {"object_list": «Order.objects.all()»})
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "got_by_key",
    code: `def view(request):
    order = «Order.objects.get(reference="R1")»
    return render(request, "shapes/items.html", {"order": order})
`,
    edit: [["objects.get", 'objects.prefetch_related("items__product").get']],
    queries: [5, 3],
  },
  {
    name: "first_of_many",
    code: `def view(request):
    return render(request, "shapes/items.html", {"order": «Order.objects.paid()».first()})
`,
    edit: [["paid().first()", 'paid().prefetch_related("items__product").first()']],
    queries: [5, 3],
  },
  {
    name: "by_index",
    code: `def view(request):
    return render(request, "shapes/items.html", {"order": «Order.objects.paid()»[0]})
`,
    edit: [["paid()[0]", 'paid().prefetch_related("items__product")[0]']],
    queries: [5, 3],
  },
  {
    name: "choices_of_a_form",
    code: `class CustomerOfOrder(forms.ModelChoiceField):
    def label_from_instance(self, order):
        return order.customer.name


class Choose(forms.Form):
    order = CustomerOfOrder(queryset=«Order.objects.all()»)


def view(request):
    return HttpResponse(Choose().as_p())
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "method_of_self",
    code: `class Orders(View):
    def orders(self):
        return Order.objects.paid()

    def get(self, request):
        return customers(«self.orders()».filter(pk__gt=0))


view = Orders.as_view()
`,
    edit: [["self.orders().filter(pk__gt=0)", `self.orders().filter(pk__gt=0)${join}`]],
    queries: five,
  },
  // Through functions.
  {
    name: "handed_on",
    code: `def shown(orders):
    return customers(orders.filter(status="paid"))


def view(request):
    return shown(«Order.objects.all()»)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "handed_back",
    code: `def paid():
    return «Order.objects.paid()»


def view(request):
    return customers(paid())
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: five,
  },
  {
    name: "handed_back_and_filtered",
    code: `def paid():
    return Order.objects.paid()


def view(request):
    return customers(«paid()».filter(pk__gt=0))
`,
    edit: [["paid().filter(pk__gt=0)", `paid().filter(pk__gt=0)${join}`]],
    queries: five,
  },
  {
    name: "handed_back_to_others_too",
    code: `def paid():
    return Order.objects.paid()


def references(request):
    return HttpResponse([order.reference for order in paid()])


def view(request):
    if "references" in request.GET:
        return references(request)
    return customers(«paid()»)
`,
    edit: [["customers(paid())", `customers(paid()${join})`]],
    queries: five,
    paths: ["", "?references=1"],
  },
  {
    name: "handed_back_to_two",
    code: `def paid():
    return «Order.objects.paid()»


def first(request):
    return customers(paid())


def second(request):
    return customers(paid())


def view(request):
    return second(request) if "second" in request.GET else first(request)
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: five,
    paths: ["", "?second=1"],
  },
  // Managers.
  {
    name: "related_manager",
    code: `def view(request):
    order = Order.objects.get(reference="R1")
    return products(«order.items.all()»)
`,
    edit: [["order.items.all()", 'order.items.all().select_related("product")']],
    queries: [5, 2],
  },
  {
    name: "related_managers_in_loops",
    code: `def view(request):
    lines = [
        item
        for customer in «Customer.objects.all()»
        for order in customer.orders.all()
        for item in order.items.all()
    ]
    return HttpResponse(lines)
`,
    edit: [["Customer.objects.all()", 'Customer.objects.all().prefetch_related("orders__items")']],
    queries: [9, 3],
  },
  {
    name: "prefetch_object",
    code: `def view(request):
    items = Prefetch("items", queryset=«OrderItem.objects.all()»)
    orders = Order.objects.prefetch_related(items)
    return products(item for order in orders for item in order.items.all())
`,
    edit: [["OrderItem.objects.all()", 'OrderItem.objects.all().select_related("product")']],
    queries: [14, 2],
  },
  {
    name: "prefetched_by_name",
    code: `def view(request):
    orders = «Order.objects.prefetch_related("items")»
    return products(item for order in orders for item in order.items.all())
`,
    edit: [['prefetch_related("items")', 'prefetch_related("items", "items__product")']],
    queries: [14, 3],
  },
  // Pagination.
  {
    name: "paginator",
    code: `def view(request):
    return customers(Paginator(«Order.objects.order_by("pk")», 3).get_page(1))
`,
    edit: [['Order.objects.order_by("pk")', `Order.objects.order_by("pk")${join}`]],
    queries: [5, 2],
  },
  {
    name: "paginated_view",
    code: `class Orders(ListView):
    «model = Order»
    paginate_by = 3
    ${list}


view = Orders.as_view()
`,
    edit: [["model = Order", `queryset = Order.objects${join}`]],
    queries: [5, 2],
  },
  // Shortcuts.
  {
    name: "object_or_404",
    code: `def view(request):
    order = «get_object_or_404(Order, reference="R1")»
    return render(request, "shapes/items.html", {"order": order})
`,
    edit: [["(Order, ", '(Order.objects.prefetch_related("items__product"), ']],
    queries: [5, 3],
  },
  {
    name: "object_or_404_of_a_queryset",
    code: `def view(request):
    order = get_object_or_404(«Order.objects.paid()», reference="R1")
    return render(request, "shapes/items.html", {"order": order})
`,
    edit: [["Order.objects.paid()", 'Order.objects.paid().prefetch_related("items__product")']],
    queries: [5, 3],
  },
  {
    name: "list_or_404",
    code: `def view(request):
    return customers(«get_list_or_404(Order, status="paid")»)
`,
    edit: [["(Order, ", `(Order.objects${join}, `]],
    queries: five,
  },
  // Generic views.
  {
    name: "view_with_a_model",
    code: `class Orders(ListView):
    «model = Order»
    ${list}


view = Orders.as_view()
`,
    edit: [["model = Order", `queryset = Order.objects${join}`]],
    queries: five,
  },
  {
    name: "view_of_one",
    code: `class Show(DetailView):
    «model = Order»
    slug_field = "reference"
    template_name = "shapes/items.html"


def view(request):
    return Show.as_view()(request, slug="R1")
`,
    edit: [["model = Order", 'queryset = Order.objects.prefetch_related("items__product")']],
    queries: [5, 3],
  },
  {
    name: "view_with_a_queryset",
    code: `class Orders(ListView):
    queryset = «Order.objects.paid()»
    ${list}


view = Orders.as_view()
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: five,
  },
  {
    name: "view_with_get_queryset",
    code: `class Orders(ListView):
    model = Order
    ${list}

    def get_queryset(self):
        return «super().get_queryset()».filter(status="paid")


view = Orders.as_view()
`,
    edit: [['filter(status="paid")', `filter(status="paid")${join}`]],
    queries: five,
  },
  {
    name: "view_with_a_mixin",
    code: `class Newest:
    def get_queryset(self):
        return super().get_queryset().order_by("-pk")


class Customers(Newest, ListView):
    model = Customer
    template_name = "shapes/names.html"


class Orders(Newest, ListView):
    «model = Order»
    ${list}


def view(request):
    return (Customers if "customers" in request.GET else Orders).as_view()(request)
`,
    edit: [["    model = Order\n", `    model = Order\n    queryset = Order.objects${join}\n`]],
    queries: five,
    paths: ["", "?customers=1"],
  },
  {
    name: "view_with_an_inherited_model",
    code: `class Base(ListView):
    model = Order
    ${list}


«class Orders(Base):»
    paginate_by = 20


class Bare(Base):
    template_name = "shapes/references.html"


def view(request):
    return (Bare if "bare" in request.GET else Orders).as_view()(request)
`,
    edit: [
      [
        "    paginate_by = 20\n",
        `    paginate_by = 20\n\n    def get_queryset(self):\n        return super().get_queryset()${join}\n`,
      ],
    ],
    queries: [6, 2],
    paths: ["", "?bare=1"],
  },
  {
    name: "view_of_a_shared_base",
    code: `class Named(ListView):
    model = Order
    ${list}


class Others(Named):
    model = Customer
    template_name = "shapes/names.html"


view = Named.as_view()
`,
    edit: "or get_queryset() to the view shapes.view_of_a_shared_base.Named",
    queries: [5, 5],
  },
  {
    name: "view_base_for_two_models",
    code: `class Base(ListView):
    def get_queryset(self):
        return «self.model._default_manager.all()»


class Orders(Base):
    model = Order
    ${list}


class Customers(Base):
    model = Customer
    template_name = "shapes/names.html"


def view(request):
    return (Customers if "customers" in request.GET else Orders).as_view()(request)
`,
    edit: "The same expression gives customers, too",
    queries: [5, 5],
    paths: ["", "?customers=1"],
  },
  {
    name: "view_told_its_model",
    code: `view = ListView.as_view(model=Order, ${list.replace(" = ", "=")})
`,
    edit: "or get_queryset() to the view django.views.generic.list.ListView",
    queries: [5, 5],
  },
  {
    name: "view_told_its_queryset",
    code: `view = ListView.as_view(queryset=«Order.objects.all()», ${list.replace(" = ", "=")})
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  // REST framework.
  {
    name: "viewset",
    code: `class Orders(viewsets.ReadOnlyModelViewSet):
    queryset = «Order.objects.all()»
    serializer_class = OrderSerializer


view = SimpleRouter()
view.register("orders", Orders)
view = view.urls
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
    paths: ["orders/"],
  },
  {
    name: "viewset_by_action",
    code: `class Orders(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        if self.action == "list":
            return «Order.objects.all()»
        return Order.objects.paid()


view = SimpleRouter()
view.register("orders", Orders, basename="shape")
view = view.urls
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
    paths: ["orders/"],
  },
  {
    name: "viewsets_with_one_serializer",
    code: `class Orders(viewsets.ReadOnlyModelViewSet):
    queryset = «Order.objects.all()»
    serializer_class = OrderSerializer


class Paid(viewsets.ReadOnlyModelViewSet):
    queryset = «Order.objects.paid()»
    serializer_class = OrderSerializer


router = SimpleRouter()
router.register("orders", Orders)
router.register("paid", Paid, basename="paid")
view = router.urls
`,
    edit: [
      ["Order.objects.all()", `Order.objects.all()${join}`],
      ["Order.objects.paid()", `Order.objects.paid()${join}`],
    ],
    queries: five,
    paths: ["orders/", "paid/"],
  },
  {
    name: "list_api_view",
    code: `class Orders(generics.ListAPIView):
    queryset = «Order.objects.all()»
    serializer_class = OrderSerializer


view = Orders.as_view()
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "api_view_with_get_queryset",
    code: `class Orders(generics.ListAPIView):
    queryset = «Order.objects.all()»
    serializer_class = OrderSerializer

    def get_queryset(self):
        return super().get_queryset().filter(status="paid")


view = Orders.as_view()
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "serializer_by_itself",
    code: `def view(request):
    return HttpResponse(OrderSerializer(«Order.objects.all()», many=True).data)
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
  // The admin.
  {
    name: "admin_list",
    code: `site = admin.AdminSite("admin_list")


@admin.register(Order, site=site)
«class Orders(admin.ModelAdmin):»
    list_display = ["reference", "name"]

    def name(self, order):
        return order.customer.name


view = site.urls
`,
    edit: [
      [
        '    list_display = ["reference", "name"]\n',
        '    list_display = ["reference", "name"]\n    list_select_related = ["customer"]\n',
      ],
    ],
    queries: [9, 5],
    paths: ["shop/order/"],
  },
  {
    name: "admin_list_of_many",
    code: `site = admin.AdminSite("admin_list_of_many")


@admin.register(Order, site=site)
«class Orders(admin.ModelAdmin):»
    """Orders with what is in them."""

    list_display = ["reference", "contents"]

    @admin.display(description="items")
    def contents(self, order):
        return [item.description for item in order.items.all()]


view = site.urls
`,
    edit: [
      [
        "    @admin.display",
        '    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related("items")\n\n    @admin.display',
      ],
    ],
    queries: [9, 6],
    paths: ["shop/order/"],
  },
  {
    name: "admin_with_get_queryset",
    code: `site = admin.AdminSite("admin_with_get_queryset")


@admin.register(Order, site=site)
class Orders(admin.ModelAdmin):
    list_display = ["reference", "name"]

    def get_queryset(self, request):
        return «super().get_queryset(request)».filter(status="paid")

    def name(self, order):
        return order.customer.name


view = site.urls
`,
    edit: [['filter(status="paid")', `filter(status="paid")${join}`]],
    queries: [9, 5],
    paths: ["shop/order/"],
  },
  {
    name: "admin_inline",
    code: `site = admin.AdminSite("admin_inline")


class Items(admin.TabularInline):
    «model = OrderItem»
    fields = readonly_fields = ["product_name"]

    def product_name(self, item):
        return item.product.name


@admin.register(Order, site=site)
class Orders(admin.ModelAdmin):
    fields = ["reference"]
    inlines = [Items]


view = site.urls
`,
    edit: [
      [
        "    def product_name",
        '    def get_queryset(self, request):\n        return super().get_queryset(request).select_related("product")\n\n    def product_name',
      ],
    ],
    queries: [8, 5],
    paths: ["shop/order/1/change/"],
  },
  {
    name: "admin_of_two_models",
    code: `site = admin.AdminSite("admin_of_two_models")


@admin.register(Order, Customer, site=site)
class Anything(admin.ModelAdmin):
    list_display = ["__str__", "name_of"]

    def name_of(self, row):
        return getattr(row, "customer", row).name


view = site.urls
`,
    edit: "list_select_related",
    queries: [9, 9],
    paths: ["shop/order/"],
  },
  // Where nothing can be written.
  {
    name: "raw_sql",
    code: `def view(request):
    return customers(«Order.objects.raw("SELECT * FROM shop_order")»)
`,
    edit: "Raw SQL takes no select_related",
    queries: [5, 5],
  },
  {
    name: "union",
    code: `def view(request):
    return customers(«Order.objects.order_by()».union(Order.objects.shipped().order_by()))
`,
    edit: "add it to each queryset of the union by hand",
    queries: [5, 5],
  },
  {
    name: "evaluated_inside",
    code: `def found():
    return list(«Order.objects.all()»)


def view(request):
    return customers(found())
`,
    edit: [["Order.objects.all()", `Order.objects.all()${join}`]],
    queries: five,
  },
];
