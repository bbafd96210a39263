"""Reads on a replica that a test run has point at the database itself."""

import pytest
from store.models import Customer, Tag


@pytest.mark.django_db(databases=["default", "replica"], transaction=True)
def test_replica(seen):
    Tag.objects.create(name="written")
    seen.append([tag.name for tag in Tag.objects.filter(name="written")])
    seen.append([customer.address.city for customer in Customer.objects.order_by("pk")])
    seen.append(Tag.objects.using("default").filter(name="written").count())
