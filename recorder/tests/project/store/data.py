"""The rows that every test starts with."""

from .models import Address, Customer, Item, Note, Order, Product, Profile, Tag


def fill():
    """Two customers, three orders of two items each, notes, tags."""
    tags = [Tag.objects.create(name=name) for name in ("new", "sale")]
    products = [Product.objects.create(name=f"P{number}") for number in range(2)]
    for product in products:
        product.tags.set(tags)
    customers = []
    for number in range(2):
        address = Address.objects.create(city=f"C{number}")
        customers.append(Customer.objects.create(name=f"N{number}", address=address))
        Profile.objects.create(customer=customers[-1], bio="…")
    for number in range(3):
        order = Order.objects.create(reference=f"R{number}", customer=customers[number % 2])
        for product in products:
            Item.objects.create(order=order, product=product)
        Note.objects.create(text=f"T{number}", about=order)
