from decimal import Decimal

from django.db import models

from catalogue.models import Product
from customers.models import Customer


class OrderQuerySet(models.QuerySet):
    def paid(self):
        return self.filter(status=Order.Status.PAID)

    def open(self):
        return self.filter(status__in=(Order.Status.PLACED, Order.Status.PAID))

    def shipped(self):
        return self.filter(status=Order.Status.SHIPPED)

    def placed_in(self, year):
        return self.filter(placed_at__year=year)


class Order(models.Model):
    class Status(models.TextChoices):
        PLACED = "placed"
        PAID = "paid"
        SHIPPED = "shipped"
        CANCELLED = "cancelled"

    reference = models.CharField(max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLACED)
    placed_at = models.DateTimeField()
    note = models.TextField(blank=True)

    objects = models.Manager.from_queryset(OrderQuerySet)()

    class Meta:
        ordering = ("-placed_at", "-pk")

    def __str__(self):
        return self.reference

    @property
    def total(self):
        return sum((item.line_total for item in self.items.all()), Decimal(0))


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_items")
    # Copied at checkout: what was ordered stays on record when the product is renamed.
    description = models.CharField(max_length=120)
    quantity = models.PositiveSmallIntegerField(default=1)
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.quantity} x {self.description}"

    @property
    def line_total(self):
        return self.quantity * self.unit_price


class Shipment(models.Model):
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="shipment")
    carrier = models.CharField(max_length=40)
    tracking_code = models.CharField(max_length=40)
    shipped_at = models.DateTimeField()

    class Meta:
        ordering = ("-shipped_at", "-pk")

    def __str__(self):
        return f"{self.carrier} {self.tracking_code}"
