"""Querysets and accesses in each kind of code. The first query loads books, the second their authors."""

from contextlib import contextmanager
from functools import cached_property, partial

from django.db import models

from .models import Book
from .wrapping import evaluated, passed_on, passed_on_by_self


def list_comprehension():
    return [book.author.name for book in Book.objects.all()]


def set_comprehension():
    return {book.author for book in Book.objects.all()}


def dict_comprehension():
    return {book.pk: book.author for book in Book.objects.all()}


def nested_comprehension():
    return [name for book in Book.objects.all() for name in [book.author.name]]


def generator_expression():
    return list(book.author.name for book in Book.objects.all())  # noqa: C400


def generator_expression_over_an_iterator():
    return sum(book.author.pk for book in Book.objects.iterator())


def books():
    yield from Book.objects.all()


def generator():
    return [book.author.name for book in books()]


def authors():
    for book in Book.objects.all():
        yield book.author.name


def generator_that_loads():
    return list(authors())


name_of = lambda book: book.author.name  # noqa: E731


def called_lambda():
    return [name_of(book) for book in Book.objects.all()]


def key_of_a_sort():
    return sorted(Book.objects.all(), key=lambda book: book.author.name)


def mapped():
    return list(map(lambda book: book.author.name, Book.objects.all()))  # noqa: C417


def partially_applied():
    return [partial(name_of, book)() for book in Book.objects.all()]


def conditional():
    return [book.author.name if book.author else None for book in Book.objects.all()]


def unpacked():
    first, *_ = Book.objects.all()
    return first.author.name


def starred():
    return [*map(name_of, [*Book.objects.all()])]


def assigned_in_a_condition():
    if found := list(Book.objects.all()):
        return found[0].author.name
    return None


def formatted():
    return [f"{book.title} by {book.author.name}" for book in Book.objects.all()]


def multi_line_chain():
    return [
        book.author.name
        for book in (
            Book.objects.filter(year=1800)
            .exclude(title="")
            .order_by("title")
        )
    ]  # fmt: skip


def multi_line_call():
    return [
        book.author.name
        for book in Book.objects.filter(
            year=1800,
            title__gt="",
        )
    ]


def multi_byte():
    return ["ä — " + book.author.name for book in Book.objects.filter(title__lt="ü")]


def two_on_one_line():
    return [book.author for book in Book.objects.filter(pk=1)] + [book.author for book in Book.objects.filter(pk=2)]


def two_of_the_same_on_one_line():
    return list(Book.objects.filter(pk=1)), list(Book.objects.filter(pk=1))


class Shelf:
    books = Book.objects.filter(year=1800)

    def names(self):
        return [book.author.name for book in self.books.all()]

    @property
    def as_property(self):
        return [book.author.name for book in Book.objects.all()]

    @cached_property
    def as_cached_property(self):
        return [book.author.name for book in Book.objects.all()]

    @classmethod
    def as_class_method(cls):
        return [book.author.name for book in Book.objects.all()]

    @staticmethod
    def as_static_method():
        return [book.author.name for book in Book.objects.all()]

    def __iter__(self):
        return (book.author.name for book in Book.objects.all())

    def __contains__(self, name):
        return name in [book.author.name for book in Book.objects.all()]


def of_a_class():
    return Shelf().names()


def property_of_a_class():
    return Shelf().as_property


def cached_property_of_a_class():
    return Shelf().as_cached_property


def class_method():
    return Shelf.as_class_method()


def static_method():
    return Shelf.as_static_method()


def iterated():
    return list(Shelf())


def contained():
    return "x" in Shelf()


@contextmanager
def managed():
    yield Book.objects.all()


def in_a_context():
    with managed() as found:
        return [book.author.name for book in found]


@passed_on
def decorated():
    return [book.author.name for book in Book.objects.all()]


@evaluated
def decorated_and_evaluated():
    return Book.objects.all()


class CarefulQuerySet(models.QuerySet):
    @passed_on
    def old(self):
        return self.filter(year=1800)

    @passed_on_by_self
    def older(self):
        return self.filter(year=1800)

    def names(self):
        return [book.author.name for book in self]

    def helped(self):
        def helper():
            return self.filter(year=1800)

        return helper()

    def selected(self):
        return Book.objects.filter(pk__in=[pk for pk in (1, 2) if self._is_wanted(pk)])

    def _is_wanted(self, pk):
        return all(self.filter(pk=pk).exists() for _ in range(1))


class CarefulManager(models.Manager.from_queryset(CarefulQuerySet)):
    @passed_on
    def get_queryset(self):
        return super().get_queryset()

    def oldest_of(self, year):
        return next(book for book in self.filter(year=year).order_by("pk"))

    @property
    def live(self):
        return self.filter(year=1800)


careful = CarefulManager()
careful.model = Book


def by_a_manager():
    return list(careful.all())  # by a manager


def by_a_decorated_method():
    return list(careful.old())  # by a decorated method


def by_another_decorated_method():
    return list(careful.older())  # by another decorated method


def looking_up(function):
    def wrapper(*args):
        book = careful.oldest_of(1800)  # by a decorator
        return function(book, *args)

    return wrapper


@looking_up
def by_a_decorator(book):
    return book


def by_a_function_in_a_method():
    return list(careful.helped())  # by a function in a method


def by_a_method_with_a_comprehension():
    return list(careful.selected())  # by a method with a comprehension


def by_a_property():
    return list(careful.live)  # by a property


def by_chained_methods():
    # fmt: off
    return list(
        careful.old()  # by chained methods
        .older()
    )
    # fmt: on


def by_a_method_that_evaluates():
    return careful.all().names()  # by a method that evaluates


ALL = Book.objects.all()


def of_a_module():
    return [book.author.name for book in ALL.filter(pk=1)]


def outer():
    return [middle() for _ in range(1)]


@passed_on
def middle():
    return inner(lambda: Book.objects.count())


def inner(count):
    return sum(count() for _ in range(1))
