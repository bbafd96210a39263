"""Loops whose runs are counted. `# header` and `# body` mark the loop that a test reads."""

from asgiref.sync import async_to_sync, sync_to_async
from django.db.models import Prefetch
from django.template import loader

from .models import Book, Person, Town


def once():
    for book in Book.objects.order_by("pk"):  # header
        book.author.name  # body


def _names(last):
    for book in Book.objects.filter(pk__lte=last):  # header of a function
        book.author.name  # body of a function


def twice():
    _names(3)
    _names(3)


def of_several_sizes():
    for last in (1, 3, 0, 2):
        _names(last)


def from_two_places():
    _names(1)
    list(Book.objects.values("title"))
    _names(2)


def nested():
    for town in Town.objects.order_by("pk"):  # header of the outer
        for person in town.people.all():  # header of the inner
            list(person.books.all())  # body of the inner


def nested_twice():
    for _ in range(2):
        nested()


def nested_over_prefetched():
    for town in Town.objects.prefetch_related("people"):  # header around prefetched
        for person in town.people.all():  # header of prefetched
            list(person.books.all())  # body of prefetched


def header_with_a_prefetch():
    books = Prefetch("books", Book.objects.order_by("pk"))
    for person in Person.objects.prefetch_related(books, "town"):  # header with a prefetch
        for book in person.books.all():
            book.jacket.colour  # body with a prefetch


def over_a_list():
    for number in [1, 2, 3]:  # header of a list
        Book.objects.get(pk=number)  # body of a list


def over_kept_rows():
    books = list(Book.objects.all())  # kept
    for _ in range(2):
        for book in books:  # header of kept rows
            book.copies.count()  # body of kept rows


def over_an_evaluated_queryset():
    books = Book.objects.all()
    len(books)
    for book in books:  # header of what was evaluated
        book.author.name  # body of what was evaluated


def over_nothing():
    for book in Book.objects.filter(pk=0):  # header of nothing
        book.author.name  # body of nothing


def left_early():
    for book in Book.objects.order_by("pk"):  # header left early
        book.author.name  # body left early
        break


def iterator_left_early():
    for book in Book.objects.order_by("pk").iterator(chunk_size=1):  # header of an iterator left early
        book.author.name  # body of an iterator left early
        break


def over_values():
    for number in Book.objects.values_list("pk", flat=True):  # header of values
        Book.objects.get(pk=number)  # body of values


def over_raw():
    for book in Book.objects.raw("SELECT * FROM lending_book"):  # header of raw
        book.author.name  # body of raw


def _some_books():
    for book in Book.objects.order_by("pk"):
        book.jacket.colour
        yield book


def over_a_generator():
    for book in _some_books():  # header of a generator
        book.author.name  # body of a generator


def in_a_comprehension():
    return [  # start of a comprehension
        book.author.name  # body of a comprehension
        for book in Book.objects.all()  # header of a comprehension
    ]


@async_to_sync
async def asynchronous():
    async for book in Book.objects.all():  # header of async for
        await sync_to_async(getattr)(book, "author")  # body of async for


def _town_and_its_people(town, depth):
    for person in town.people.order_by("pk")[:1]:  # header of a recursion
        if depth:
            _town_and_its_people(person.town, depth - 1)  # body of a recursion


def recursive():
    _town_and_its_people(Town.objects.get(pk=1), 2)


def in_a_while():
    number = 1
    while Book.objects.filter(pk=number).exists():  # header of a while
        Book.objects.get(pk=number)  # body of a while
        number += 1


def in_a_template():
    loader.get_template("loops.html").render({"towns": Town.objects.order_by("pk")})
