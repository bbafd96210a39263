"""Queries on two databases in one loop."""

import pytest
from archive.models import Box, Paper
from store.models import Order


@pytest.mark.django_db(databases=["default", "archive"])
def test_routed(seen):
    box = Box.objects.create(label="B")
    for order in Order.objects.all():
        Paper.objects.create(order_number=order.pk, box=box)
    for order in Order.objects.order_by("pk"):
        for paper in Paper.objects.filter(order_number=order.pk):
            seen.append([paper.box.label, order.customer.name])
    for kept in Box.objects.prefetch_related("papers"):
        seen.append(len(kept.papers.all()))
