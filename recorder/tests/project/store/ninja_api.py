"""django-ninja: one path, a function for each method."""

from ninja import Field, ModelSchema, NinjaAPI, Schema

from .models import Order

api = NinjaAPI()


class CustomerOut(Schema):
    name: str
    city: str = Field(alias="address.city")  # alias


class OrderOut(ModelSchema):
    customer: CustomerOut  # declared
    first_item: int  # resolved

    class Meta:
        model = Order
        fields = ["reference", "notes"]

    @staticmethod
    def resolve_first_item(order):
        return order.items.first().quantity  # resolver


class GiftOut(OrderOut):
    pass


@api.get("/orders", response=list[GiftOut])
def list_orders(request):
    return Order.objects.order_by("pk")


@api.get("/orders/{reference}")
def read_order(request, reference: str):
    return {"customer": Order.objects.get(reference=reference).customer.name}


@api.delete("/orders/{reference}")
def drop_order(request, reference: str):
    return {"dropped": Order.objects.filter(reference=reference).count()}
