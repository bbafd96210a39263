"""strawberry: types whose fields it resolves itself, and one of our own."""

import strawberry
import strawberry_django
from strawberry import auto

from .models import Customer, Order


@strawberry_django.type(Customer)
class CustomerType:
    name: auto


@strawberry_django.type(Order)
class OrderType:
    reference: auto
    customer: CustomerType  # declared
    written_to: CustomerType = strawberry_django.field(field_name="customer")  # renamed

    @strawberry_django.field
    def city(self) -> str:  # resolver
        return self.customer.address.city


@strawberry.type
class Query:
    @strawberry_django.field
    def orders(self) -> list[OrderType]:  # orders
        return Order.objects.order_by("pk")


schema = strawberry.Schema(query=Query)
