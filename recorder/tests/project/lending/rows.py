"""Querysets that can bring one row at most, and those that look like it and may bring more."""

from django.db.models import Count, F, Q, Value

from .models import Book, Copy, Cover, Librarian, Person, Reader, Town

SINGLE = {
    "first": lambda: Book.objects.first(),
    "last": lambda: Book.objects.last(),
    "get": lambda: Book.objects.get(title="B1"),
    "latest": lambda: Book.objects.latest("bought"),
    "index": lambda: Book.objects.order_by("pk")[0],
    "slice of one": lambda: list(Book.objects.order_by("pk")[1:2]),
    "first of related": lambda: Town.objects.get(pk=1).people.first(),
    "primary key": lambda: list(Book.objects.filter(pk=1)),
    "primary key by its name": lambda: list(Book.objects.filter(id=1)),
    "primary key and more": lambda: list(Book.objects.filter(pk=1, year=1800).exclude(title="x").order_by("title")),
    "primary key in a Q": lambda: list(Book.objects.filter(Q(pk=1) & Q(year=1800))),
    "primary key as an expression": lambda: list(Book.objects.filter(pk=Value(1))),
    "primary key, joined to one": lambda: list(Book.objects.filter(pk=1).select_related("author__town")),
    "primary key, filtered over one": lambda: list(Book.objects.filter(pk=1, author__town__name="T0")),
    "primary key, distinct over many": lambda: list(Book.objects.filter(pk=1, copy__number__gt=0).distinct()),
    "primary key, counting many": lambda: list(Book.objects.filter(pk=1).annotate(Count("copy"))),
    "unique column": lambda: list(Person.objects.filter(email="n0@example.org")),
    "unique column of a parent model": lambda: list(Librarian.objects.filter(email="l0@example.org")),
    "primary key of a child": lambda: list(Librarian.objects.filter(pk=3)),
    "parent link": lambda: list(Reader.objects.filter(card=5)),
    "one-to-one": lambda: list(Cover.objects.filter(book=1)),
    "one-to-one by an instance": lambda: list(Cover.objects.filter(book=Book(pk=1))),
    "one-to-one from behind": lambda: list(Book.objects.filter(cover=1)),
    "unique constraint": lambda: list(Copy.objects.filter(book=1, number=1)),
    "unique constraint and more": lambda: list(Copy.objects.filter(number=1, shelf="S").filter(book_id=1)),
    "unique together": lambda: list(Copy.objects.filter(shelf="S", mark="M01")),
}
SEVERAL = {
    "all": lambda: list(Book.objects.all()),
    "slice of two": lambda: list(Book.objects.all()[:2]),
    "column": lambda: list(Book.objects.filter(title="B1")),
    "several primary keys": lambda: list(Book.objects.filter(pk__in=[1])),
    "either of two": lambda: list(Book.objects.filter(Q(pk=1) | Q(pk=2))),
    "all but one": lambda: list(Book.objects.exclude(pk=1)),
    "union": lambda: list(Book.objects.filter(pk=1).union(Book.objects.filter(pk=2))),
    "compared with a column": lambda: list(Book.objects.filter(pk=F("author"))),
    "compared with a query": lambda: list(Book.objects.filter(pk__in=Book.objects.filter(pk=1))),
    "unique column of what is joined": lambda: list(Book.objects.filter(author__email="n0@example.org")),
    "foreign key": lambda: list(Book.objects.filter(author=1)),
    "primary key, multiplied": lambda: list(Book.objects.filter(pk=1, copy__number__gt=0)),
    "primary key, multiplied by tags": lambda: list(Book.objects.filter(pk=1, genres__name__contains="o")),
    "primary key, multiplied by remarks": lambda: list(Book.objects.filter(pk=1, remarks__text__contains="a")),
    "primary key, values of many": lambda: list(Book.objects.filter(pk=1).values("copy__number")),
    "part of a unique constraint": lambda: list(Copy.objects.filter(number=1)),
    "unique constraint, one of them a range": lambda: list(Copy.objects.filter(book=1, number__gte=1)),
    "unique constraint with a condition": lambda: list(Copy.objects.filter(mark="M01")),
    "unique constraint of an expression": lambda: list(Copy.objects.filter(row="R01")),
    "unique constraint of two tables": lambda: list(Copy.objects.filter(book__author=1, number=1)),
    "related": lambda: list(Town.objects.get(pk=1).people.all()),
}


def loop_over_one():
    for book in Book.objects.filter(pk=1):
        book.author.name


def loop_over_many():
    for book in Book.objects.all():
        book.author.name


def single_and_not():
    """One expression: the first time of one row, the second time of several."""
    for limit in (1, 2):
        list(Book.objects.order_by("pk")[:limit])
