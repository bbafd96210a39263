"""Templates of both languages: the tag, its line and its block."""

from __future__ import annotations

from types import SimpleNamespace

from django.template import engines, loader

ROWS = "store/templates/store"
JINJA = "jinja2/store"


def places(row):
    return [(site.path, site.line) for site in row.stack if site.kind == "template"]


def render(name, using=None):
    from store.models import Order

    return loader.get_template(name, using=using).render({"orders": Order.objects.order_by("pk")})


def by_field(scope):
    return {row.cause["field"] or row.cause["target"]: row for row in scope.rows}


def test_with_and_inclusion_tags(recording):
    rows = by_field(recording.run(render, "store/tags.html"))
    loop = (f"{ROWS}/tags.html", 2)
    assert places(rows["store.Order"]) == [loop]
    assert places(rows["customer"]) == [loop, (f"{ROWS}/tags.html", 3)]
    assert places(rows["address"]) == [loop, (f"{ROWS}/tags.html", 3), (f"{ROWS}/tags.html", 4)]
    assert places(rows["items"]) == [loop, (f"{ROWS}/tags.html", 6), (f"{ROWS}/_items.html", 1)]
    product = [loop, (f"{ROWS}/tags.html", 6), (f"{ROWS}/_items.html", 1), (f"{ROWS}/_items.html", 2)]
    assert places(rows["product"]) == product
    assert rows["product"].stack[-1].token == "item.product.name"
    assert (rows["items"].count, rows["product"].count) == (3, 6)


def test_jinja_through_extends_import_and_include(recording):
    rows = by_field(recording.run(render, "store/orders.jinja", "jinja2"))
    child = f"{JINJA}/orders.jinja"

    def within(*inner):
        # The root function of the child runs that of its parent, which runs the child's block.
        return [(child, 1), ("jinja2/base.jinja", 2), *inner]

    assert places(rows["store.Order"]) == within((child, 5))
    assert places(rows["customer"]) == within((child, 7))
    assert places(rows["address"]) == within((child, 8), (f"{JINJA}/macros.jinja", 2))
    assert places(rows["items"]) == within((child, 9), (f"{JINJA}/_items.jinja", 2))
    assert places(rows["product"]) == within((child, 9), (f"{JINJA}/_items.jinja", 3))
    assert (rows["customer"].count, rows["items"].count, rows["product"].count) == (3, 3, 6)
    assert [site.qualname for site in rows["customer"].stack] == ["", "", "content"]
    assert {site.token for site in rows["customer"].stack} == {None}


def test_jinja_files_have_their_language(recording):
    segment = recording.run(render, "store/orders.jinja", "jinja2").segment
    languages = {record["path"]: record["language"] for record in segment.of("file")}
    assert languages[f"{JINJA}/orders.jinja"] == "jinja"
    text = (recording.root / f"{JINJA}/orders.jinja").read_text()
    assert text in [record["text"] for record in segment.of("file")]


def test_jinja_without_django(recording):
    from jinja2 import Environment, FileSystemLoader
    from store.models import Order

    environment = Environment(loader=FileSystemLoader(recording.root / "jinja2"))
    template = environment.get_template("store/_items.jinja")
    _, items, product = recording.run(lambda: template.render(order=Order.objects.first())).rows
    assert places(items) == [(f"{JINJA}/_items.jinja", 2)]
    assert places(product)[-1] == (f"{JINJA}/_items.jinja", 3)


def test_asynchronous_jinja(recording):
    from asgiref.sync import async_to_sync
    from jinja2 import Environment, FileSystemLoader
    from store.models import Order

    environment = Environment(loader=FileSystemLoader(recording.root / "jinja2"), enable_async=True)
    template = environment.get_template("store/_items.jinja")
    order = SimpleNamespace(items=Order.objects.first().items.select_related("product"))
    [items] = recording.run(lambda: async_to_sync(template.render_async)(order=order)).rows
    assert places(items) == [(f"{JINJA}/_items.jinja", 2)]


def test_jinja_from_a_string_is_no_place(recording):
    from store.models import Order

    template = engines["jinja2"].from_string("{% for o in orders %}{{ o.customer.name }}{% endfor %}")
    scope = recording.run(lambda: template.render({"orders": Order.objects.all()}))
    assert [places(row) for row in scope.rows] == [[], []]
