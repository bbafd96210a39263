from django.db import models
from django.db.models import Sum


class Category(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def available(self):
        return self.filter(is_active=True, stock__gt=0)

    def new_arrivals(self):
        return self.available().order_by("-added_on", "-pk")

    def search(self, text):
        return self.filter(name__icontains=text)


class ProductManager(models.Manager.from_queryset(ProductQuerySet)):
    def in_stock_value(self):
        """What the goods in the warehouse would sell for."""
        return self.available().aggregate(value=Sum(models.F("stock") * models.F("price")))["value"]


class Product(models.Model):
    sku = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    barcode = models.CharField(max_length=13, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    added_on = models.DateField()

    objects = ProductManager()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self):
        return self.name

    @property
    def units_sold(self):
        return self.order_items.aggregate(units=Sum("quantity"))["units"] or 0
