from django.test import TestCase
from django.urls import reverse

from sampledata.factories import (
    create_category,
    create_item,
    create_order,
    create_product,
    create_tag,
)


class ProductListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(12):
            create_product(name=f"Lamp {number:02}")
        create_product(name="Sold out", stock=0)

    def test_shows_what_is_available_with_its_category(self):
        # One query counts the pages, one loads the page.
        with self.assertNumQueries(2):
            response = self.client.get(reverse("catalogue:product-list"))
        self.assertContains(response, "Lamp", count=12)
        self.assertContains(response, "(Category", count=12)
        self.assertNotContains(response, "Sold out")

    def test_search(self):
        response = self.client.get(reverse("catalogue:product-list"), {"q": "lamp 07"})
        self.assertEqual([product.name for product in response.context["products"]], ["Lamp 07"])


class NewArrivalsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        tags = [create_tag(name=name) for name in ("sale", "garden", "oak")]
        for _ in range(15):
            create_product(tags=tags)

    def test_shows_every_tag_of_every_product(self):
        response = self.client.get(reverse("catalogue:new-arrivals"))
        self.assertContains(response, "<article>", count=15)
        self.assertContains(response, '<span class="tag">oak</span>', count=15)


class StockReportTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        order = create_order()
        for units in range(1, 10):
            create_item(order, product=create_product(stock=50), quantity=units)

    def test_shows_stock_beside_units_sold(self):
        response = self.client.get(reverse("catalogue:stock-report"))
        self.assertContains(response, "<td>50</td>", count=9)
        for units in range(1, 10):
            self.assertContains(response, f"<td>{units}</td>", count=1)


class CategoryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.categories = [create_category() for _ in range(7)]
        for category in cls.categories:
            for _ in range(2):
                create_product(category=category)

    def test_list_shows_the_number_of_products(self):
        response = self.client.get(reverse("catalogue:category-list"))
        self.assertContains(response, "(2)", count=7)

    def test_detail_shows_the_products(self):
        category = self.categories[0]
        response = self.client.get(reverse("catalogue:category-detail", args=[category.slug]))
        self.assertContains(response, "<li>Product", count=2)

    def test_detail_of_a_category_below_another(self):
        category = create_category(parent=self.categories[0])
        response = self.client.get(reverse("catalogue:category-detail", args=[category.slug]))
        self.assertContains(response, category.name)

    def test_detail_shows_its_own_products_only(self):
        category = create_category(parent=self.categories[0])
        product = create_product(category=category)
        response = self.client.get(reverse("catalogue:category-detail", args=[category.slug]))
        self.assertContains(response, "<li>", count=1)
        self.assertContains(response, product.name)


class TagListTests(TestCase):
    def test_shows_how_many_products_carry_a_tag(self):
        tags = [create_tag() for _ in range(4)]
        for product in range(2):
            create_product(tags=tags[: product + 2])

        response = self.client.get(reverse("catalogue:tag-list"))

        self.assertContains(response, ": 2 products</li>", count=2)
        self.assertContains(response, ": 1 product</li>", count=1)


class BasketQuoteTests(TestCase):
    def test_prices_a_basket(self):
        products = [create_product(price="1.25") for _ in range(4)]
        basket = {str(product.pk): 2 for product in products}

        response = self.client.post(
            reverse("catalogue:basket-quote"), basket, content_type="application/json"
        )

        self.assertEqual(response.json(), {"total": "10.00"})
