from django.db import models


class Address(models.Model):
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=12)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, default="GB")

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self):
        return f"{self.street}, {self.postcode} {self.city}"


class CustomerQuerySet(models.QuerySet):
    def subscribed(self):
        return self.filter(newsletter=True)

    def buyers_of(self, product):
        return self.filter(orders__items__product=product).distinct()


class Customer(models.Model):
    name = models.CharField(max_length=100)
    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="residents")
    newsletter = models.BooleanField(default=False)
    joined_on = models.DateField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self):
        return self.name
