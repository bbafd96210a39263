import type { Shape } from "./shape.ts";

const join = '.select_related("customer")';
const all = [["Order.objects.all()", `Order.objects.all()${join}`]] as const;
const five = [5, 1] as const;

/** Ways on which a queryset gets from where it is written to where its rows are used. */
export const travels: readonly Shape[] = [
  {
    name: "keyword_argument",
    code: "def view(request):\n    return customers(orders=«Order.objects.all()»)\n",
    edit: all,
    queries: five,
  },
  {
    name: "default_of_an_argument",
    code: "def view(request, orders=«Order.objects.all()»):\n    return customers(orders.all())\n",
    edit: all,
    queries: five,
  },
  {
    name: "partial_function",
    code: `from functools import partial


def view(request):
    return partial(customers, «Order.objects.all()»)()
`,
    edit: all,
    queries: five,
  },
  {
    name: "closure",
    code: `def view(request):
    orders = «Order.objects.all()»

    def shown():
        return customers(orders)

    return shown()
`,
    edit: all,
    queries: five,
  },
  {
    name: "property_of_an_object",
    code: `class Page:
    @property
    def orders(self):
        return «Order.objects.all()»


def view(request):
    return customers(Page().orders)
`,
    edit: all,
    queries: five,
  },
  {
    name: "cached_property_of_an_object",
    code: `from functools import cached_property


class Page:
    @cached_property
    def orders(self):
        return «Order.objects.all()»


def view(request):
    return customers(Page().orders)
`,
    edit: all,
    queries: five,
  },
  {
    name: "one_of_a_tuple",
    code: `def found():
    return "Orders", «Order.objects.all()»


def view(request):
    title, orders = found()
    return customers(orders)
`,
    edit: all,
    queries: five,
  },
  {
    name: "context_of_a_view",
    code: `from django.views.generic import TemplateView


class Orders(TemplateView):
    template_name = "shapes/customers.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(object_list=«Order.objects.all()», **kwargs)


view = Orders.as_view()
`,
    edit: all,
    queries: five,
  },
  {
    name: "one_of_several_in_turn",
    code: `def view(request):
    for orders in («Order.objects.paid()», Order.objects.shipped()):
        response = customers(orders)
    return response
`,
    edit: [["Order.objects.paid()", `Order.objects.paid()${join}`]],
    queries: [6, 2],
  },
  {
    name: "manager_in_a_variable",
    code: `def view(request):
    manager = Order.objects
    return customers(«manager.all()»)
`,
    edit: [["manager.all()", `manager.all()${join}`]],
    queries: five,
  },
  {
    name: "manager_with_get_queryset",
    code: `from django.db.models import Manager


class PaidManager(Manager):
    def get_queryset(self):
        return super().get_queryset().filter(status="paid")


paid = PaidManager()
paid.model = Order


def view(request):
    return customers(«paid.all()»)
`,
    edit: [["(paid.all()", `(paid.all()${join}`]],
    queries: five,
  },
  {
    name: "model_of_the_registry",
    code: `from django.apps import apps


def view(request):
    return customers(«apps.get_model("shop", "Order").objects.all()»)
`,
    edit: [[".objects.all()", `.objects.all()${join}`]],
    queries: five,
  },
  {
    name: "prefetch_object_in_place",
    code: `def view(request):
    orders = Order.objects.prefetch_related(Prefetch("items", queryset=«OrderItem.objects.all()»))
    return products(item for order in orders for item in order.items.all())
`,
    edit: [["OrderItem.objects.all()", 'OrderItem.objects.all().select_related("product")']],
    queries: [14, 2],
  },
  {
    name: "prefetch_object_to_an_attribute",
    code: `def view(request):
    items = Prefetch("items", queryset=«OrderItem.objects.all()», to_attr="lines")
    return products(item for order in Order.objects.prefetch_related(items) for item in order.lines)
`,
    edit: [["OrderItem.objects.all()", 'OrderItem.objects.all().select_related("product")']],
    queries: [14, 2],
  },
  {
    name: "object_or_404_of_a_related_manager",
    code: `def view(request):
    customer = Customer.objects.get(orders__reference="R1")
    order = «get_object_or_404(customer.orders, reference="R1")»
    return render(request, "shapes/items.html", {"order": order})
`,
    edit: [["(customer.orders,", '(customer.orders.prefetch_related("items__product"),']],
    queries: [6, 4],
  },
  {
    name: "view_with_two_supers",
    code: `class Paid(ListView):
    model = Order
    template_name = "shapes/customers.html"

    def get_queryset(self):
        return super().get_queryset().filter(status="paid")


class Newest(Paid):
    def get_queryset(self):
        return «super().get_queryset()».order_by("-pk")


view = Newest.as_view()
`,
    edit: [['order_by("-pk")', `order_by("-pk")${join}`]],
    queries: five,
  },
  {
    name: "action_of_a_viewset",
    code: `from rest_framework.decorators import action
from rest_framework.response import Response


class Orders(viewsets.GenericViewSet):
    queryset = «Order.objects.all()»
    serializer_class = OrderSerializer

    @action(detail=False)
    def newest(self, request):
        orders = self.filter_queryset(self.get_queryset())
        return Response(self.get_serializer(orders, many=True).data)


router = SimpleRouter()
router.register("orders", Orders)
view = router.urls
`,
    edit: all,
    queries: five,
    paths: ["orders/newest/"],
  },
  {
    name: "asynchronous_view",
    code: `from asgiref.sync import sync_to_async


async def view(request):
    show = sync_to_async(lambda order: order.customer.name)
    return HttpResponse([await show(order) async for order in «Order.objects.all()»])
`,
    edit: all,
    queries: five,
  },
];
