"""Plain pytest functions; `manage.py test` runs the TestCase classes of the other modules."""

from decimal import Decimal

import pytest

from catalogue import services
from catalogue.models import Product
from sampledata.factories import create_item, create_order, create_product, create_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def products():
    return [create_product(price=Decimal(price), stock=5) for price in ("1.00", "2.50", "4.00")]


def test_basket_is_priced_by_quantity(products):
    first, second, third = products
    assert services.price_basket({first.pk: 3, second.pk: 2, third.pk: 1}) == Decimal("12.00")


def test_basket_with_unknown_product(products):
    with pytest.raises(Product.DoesNotExist):
        services.price_basket({products[0].pk: 1, 0: 1})


def test_empty_basket_costs_nothing():
    assert services.price_basket({}) == 0


def test_restock_adds_to_what_is_there(products):
    services.restock({product.sku: 10 for product in products})
    assert list(Product.objects.values_list("stock", flat=True)) == [15, 15, 15]


def test_restock_ignores_unknown_sku(products):
    assert services.restock({"NOPE": 1}) == []


def test_find_by_barcode(products):
    assert services.find_by_barcode(products[2].barcode) == products[2]
    assert services.find_by_barcode("nothing") is None


def test_label_lines_sort_tags(products):
    tags = [create_tag(name=name) for name in ("wood", "gift")]
    for product in products:
        product.tags.set(tags)

    assert services.label_lines() == [f"{product.name}: gift, wood" for product in products]


def test_price_list():
    product = create_product(price=Decimal("3.20"), tags=[create_tag()])
    assert services.price_list() == [f"{product.name}: 3.20"]


def test_price_list_leaves_out_what_is_sold_out():
    create_product(stock=0)
    product = create_product(price=Decimal("4.70"), tags=[create_tag(), create_tag()])
    assert services.price_list() == [f"{product.name}: 4.70"]


def test_units_sold(products):
    first, second, third = products
    create_item(create_order(), product=first, quantity=3)
    create_item(create_order(), product=first, quantity=2)
    create_item(create_order(), product=third)

    assert services.units_sold() == {first.sku: 5, second.sku: 0, third.sku: 1}


def test_in_stock_value(products):
    create_product(stock=0, price=Decimal("99"))
    assert Product.objects.in_stock_value() == Decimal("37.50")
