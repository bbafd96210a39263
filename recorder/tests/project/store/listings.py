"""Generic views and admin classes, none of which writes its queryset down."""

from django.contrib import admin
from django.views.generic import DetailView, ListView

from .models import Customer, Item, Order, Product, Tag


class Orders(ListView):
    model = Order  # own


class OneOrder(DetailView):
    model = Order  # one


class Base(ListView):  # base
    model = Product


class Heir(Base):  # heir
    pass


class Mixed(ListView):
    model = Customer


class MixedHeir(Mixed):
    model = Tag  # mixed heir


class Asking(ListView):
    @property
    def model(self):
        return Order.objects.first().__class__


class Plain(ListView):
    model = Order


class Fewer(Plain):
    def get_queryset(self):
        return super().get_queryset().only("reference")  # fewer


class Newest:
    def get_queryset(self):
        return super().get_queryset().order_by("-pk")


class NewestOrders(Newest, ListView):
    model = Order  # mixed in


class Reversed(ListView):
    model = Order

    def get_queryset(self):
        return super().get_queryset().reverse()  # reversed


class ReversedHeir(Reversed):
    pass


class TagAdmin(admin.ModelAdmin):  # admin
    pass


class Shared(admin.ModelAdmin):
    pass


class Scoped:
    def get_queryset(self, request):
        return super().get_queryset(request).order_by("pk")


class ItemAdmin(Scoped, admin.ModelAdmin):  # scoped
    pass


class NoteAdmin(Scoped, admin.ModelAdmin):
    pass


class Overriding(admin.ModelAdmin):
    def get_queryset(self, request):
        return super().get_queryset(request).order_by("pk")  # overriding


class OrderItems(admin.TabularInline):
    model = Item  # inline
