"""graphene: a type of a model, with fields that it makes and one that is declared."""

import graphene
from graphene_django import DjangoObjectType

from .models import Customer, Item, Order


class CustomerNode(DjangoObjectType):
    class Meta:
        model = Customer
        fields = ("name",)


class ItemNode(DjangoObjectType):
    class Meta:
        model = Item
        fields = ("quantity",)


class OrderNode(DjangoObjectType):
    class Meta:
        model = Order
        fields = ("reference", "customer", "items")  # implicit

    customer_name = graphene.String()  # declared

    def resolve_customer_name(self, info):
        return self.customer.name


class Query(graphene.ObjectType):
    all_orders = graphene.List(OrderNode)  # orders

    def resolve_all_orders(self, info):
        return Order.objects.order_by("pk")


schema = graphene.Schema(query=Query)
