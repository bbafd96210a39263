"""Stock keeping and pricing."""

from decimal import Decimal

from django.db.models import Sum

from catalogue.models import Product


def price_basket(quantities):
    """Total price of `{product pk: quantity}`.

    Raises Product.DoesNotExist for a key that names no product.
    """
    total = Decimal(0)
    for pk, quantity in quantities.items():
        product = Product.objects.get(pk=pk)
        total += product.price * quantity
    return total


def restock(delivered):
    """Add a delivery, `{sku: units}`, to the stock and return the products it changed."""
    products = list(Product.objects.filter(sku__in=delivered))
    for product in products:
        product.stock += delivered[product.sku]
        product.save()
    return products


def find_by_barcode(barcode):
    """The product with this barcode, or None."""
    return Product.objects.filter(barcode=barcode).first()


def units_sold():
    """Units sold of each product, `{sku: units}`."""
    units = {}
    for product in Product.objects.all():
        units[product.sku] = product.order_items.aggregate(units=Sum("quantity"))["units"] or 0
    return units


def label_lines():
    """One line of text for each product's shelf label: name, then its tags from A to Z."""
    lines = []
    for product in Product.objects.available().prefetch_related("tags"):
        names = product.tags.order_by("name").values_list("name", flat=True)
        lines.append(f"{product.name}: {', '.join(names)}")
    return lines


def price_list():
    """One line of text for each product that can be ordered: name and price."""
    products = Product.objects.available().prefetch_related("tags")
    return [f"{product.name}: {product.price}" for product in products]
