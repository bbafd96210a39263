from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Stamped(models.Model):
    created = models.DateField(null=True)

    class Meta:
        abstract = True


class Address(models.Model):
    city = models.CharField(max_length=40)


class Customer(models.Model):
    name = models.CharField(max_length=40)
    address = models.ForeignKey(Address, models.PROTECT)


class Profile(models.Model):
    customer = models.OneToOneField(Customer, models.CASCADE)
    bio = models.TextField()


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)


class LiveProducts(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(live=True)


class Product(models.Model):
    name = models.CharField(max_length=40)
    live = models.BooleanField(default=True)
    tags = models.ManyToManyField(Tag)

    objects = models.Manager()
    available = LiveProducts()


class OrderQuerySet(models.QuerySet):
    def paid(self):
        return self.filter(status="paid")

    def references(self):
        return [order.reference for order in self.paid()]


class Note(models.Model):
    text = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    about = GenericForeignKey()


class Order(Stamped):
    reference = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, default="paid")
    memo = models.TextField(default="")
    customer = models.ForeignKey(Customer, models.CASCADE)
    notes = GenericRelation(Note)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-status", "reference"], name="order_status")]
        constraints = [models.UniqueConstraint(fields=["reference", "status"], name="order_once")]

    def item_names(self):
        return [item.product.name for item in self.items.all()]  # item names


class Item(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE)
    quantity = models.IntegerField(default=1)


class GiftOrder(Order):
    greeting = models.CharField(max_length=40)


class OldOrder(Order):
    class Meta:
        proxy = True
