"""What each tag of a template does with the place of a query: the tags around it, outermost first, each in its own file."""

from __future__ import annotations

import pytest
from django.template import loader

TAGS = "lending_tags.py"
SHAPES = {
    # template: (file, line, what is written there) of each site on the way to a book's author; None for Python
    "root": [("root", 3, "block body"), ("root", 4, "book.author.name")],
    "inherited": [("inherited", 1, 'extends "shapes/root.html"'), ("root", 3, "block body"), ("root", 4, "book.author.name")],
    "overridden": [
        ("overridden", 1, 'extends "shapes/middle.html"'),
        ("middle", 1, 'extends "shapes/root.html"'),
        ("root", 3, "block body"),
        ("overridden", 4, "book.author.name"),
    ],
    "super": [
        ("super", 1, 'extends "shapes/middle.html"'),
        ("middle", 1, 'extends "shapes/root.html"'),
        ("root", 3, "block body"),
        ("super", 2, "block.super"),
        ("middle", 3, "block.super"),
        ("root", 4, "book.author.name"),
    ],
    "dynamic_parent": [
        ("dynamic_parent", 1, "extends parent"),
        ("root", 3, "block body"),
        ("dynamic_parent", 3, "book.author.name"),
    ],
    "include": [("include", 2, 'include "shapes/included.html"'), ("included", 1, "book.author.name")],
    "include_with": [
        ("include_with", 1, 'include "shapes/included_with.html" with one=book only'),
        ("included_with", 1, "one.author.name"),
    ],
    "include_a_variable": [("include_a_variable", 1, "include name"), ("included", 1, "book.author.name")],
    "inclusion_tag": [("inclusion_tag", 3, "shown book"), ("inclusion", 2, "shown.author.name")],
    "with": [("with", 1, "with author=book.author")],
    "if": [("if", 1, "if book.author.name")],
    # Django keeps no place of an `elif`.
    "elif": [("elif", 1, "if nothing")],
    "filter": [("filter", 2, "book|author_of|upper"), (TAGS, 8, None)],
    "simple_tag": [("simple_tag", 2, "name_of_author book as name"), (TAGS, 13, None)],
    "tag_with_context": [("tag_with_context", 2, "name_in_context"), (TAGS, 18, None)],
    "tag_of_its_own": [("tag_of_its_own", 2, "twice"), (TAGS, 31, None), ("tag_of_its_own", 3, "book.author.name")],
    "for": [("for", 1, "for one in books"), ("for", 2, "if forloop.first"), ("for", 2, "one.author.name")],
    "regroup": [("regroup", 1, "regroup books by author.name as groups")],
    "translated": [("translated", 2, "blocktranslate with name=book.author.name")],
    "spaceless": [
        ("spaceless", 1, "spaceless"),
        ("spaceless", 2, "autoescape off"),
        ("spaceless", 3, "book.author.name"),
    ],
    "comment": [("comment", 6, "book.author.name")],
    "multi_byte": [("multi_byte", 1, "book.author.name")],
}


def render(name):
    from lending.models import Book

    books = Book.objects.order_by("pk")
    context = {"book": books[0], "books": books[:1], "parent": "shapes/root.html", "name": "shapes/included.html"}
    return loader.get_template(f"shapes/{name}.html").render(context)


@pytest.mark.parametrize("name", SHAPES)
def test_the_tags_on_the_way_to_a_query(recording, name):
    *_, lazy = recording.run(render, name).rows
    assert (lazy.cause["kind"], lazy.cause["field"]) == ("foreign_key", "author")
    found = [(site.path.rpartition("/")[2].removesuffix(".html"), site.line, site.token) for site in lazy.stack]
    assert found == SHAPES[name]
    assert {site.kind for site in lazy.stack if site.token} == {"template"}


def test_the_first_line_that_asks_is_told(recording):
    """`{% with %}` asks for a manager's queryset, and `{% for %}` for its rows."""
    *_, copies = recording.run(render, "with_a_manager").rows
    assert [(site.line, site.token) for site in copies.stack] == [
        (1, "with copies=book.copies.all"),
        (2, "for copy in copies"),
    ]
    assert copies.chain.line == 1


def test_templates_of_libraries_are_no_places(recording):
    """Those of Django's forms, say: what they render for is the program's."""
    from django import forms
    from django.template import Context, Engine
    from lending.models import Book

    class BookForm(forms.Form):
        book = forms.ModelChoiceField(Book.objects.all())

    template = Engine().from_string("{{ form }}")
    _, labels = recording.run(lambda: template.render(Context({"form": BookForm()}))).rows
    assert [(site.path, site.qualname) for site in labels.stack] in (
        [("lending/models.py", "Book.__str__")],
        [("lending/models.py", "__str__")],  # before Python 3.11
    )
