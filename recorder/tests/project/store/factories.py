"""Rows for tests, by factory_boy and model_bakery."""

import factory
from model_bakery import baker

from .models import Address, Customer, Profile


class AddressFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Address

    city = factory.Sequence("C{}".format)


class CustomerFactory(factory.django.DjangoModelFactory):  # class
    class Meta:
        model = Customer

    name = factory.Sequence("N{}".format)
    address = factory.SubFactory(AddressFactory)

    @factory.post_generation
    def profile(self, create, extracted, **kwargs):
        if create:
            Profile.objects.create(customer=self, bio="…")  # hook


def customers_of_bakery():
    return [
        baker.make(Customer, _quantity=2),  # several
        baker.make(Customer, name="one"),  # one
        baker.make(Address, _quantity=2, _bulk_create=True, city="…"),  # bulk
        baker.prepare(Customer),
    ]
