"""Ways from a queryset to a lazy load: the first query of each function loads the rows, the last hangs on them."""

import copy
import pickle

from asgiref.sync import async_to_sync, sync_to_async
from django import forms
from django.core.cache import cache
from django.db.models import FilteredRelation, Prefetch, Q, prefetch_related_objects
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.query import ModelIterable

from .models import Book, Copy, Genre, HeadLibrarian, Librarian, Member, Person, Reader, Remark, Town


def field_of_a_parent_model():
    for librarian in Librarian.objects.all():
        librarian.town.name


def manager_of_a_parent_model():
    for librarian in Librarian.objects.all():
        list(librarian.books.all())


def parent_link():
    for librarian in Librarian.objects.all():
        librarian.person_ptr.town.name


def parent_link_of_another_name():
    for reader in Reader.objects.all():
        reader.card.town.name


def manager_behind_a_parent_link():
    for librarian in Librarian.objects.all():
        list(librarian.person_ptr.books.all())


def parent_link_of_a_parent_link():
    HeadLibrarian.objects.create(name="H", email="h@example.org", town_id=1, desk_id=1)
    for head in HeadLibrarian.objects.all():
        head.librarian_ptr.person_ptr.town.name


def child():
    for person in Person.objects.filter(librarian__isnull=False):
        person.librarian.desk.name


def child_of_another_name():
    for person in Person.objects.filter(as_reader__isnull=False):
        person.as_reader.number


def joined_child():
    for person in Person.objects.filter(librarian__isnull=False).select_related("librarian"):
        person.librarian.desk.name


def deferred_field_of_a_parent_model():
    for librarian in Librarian.objects.only("desk"):
        librarian.name


def proxy():
    for member in Member.objects.all():
        member.town.name


def manager_of_a_proxy():
    for member in Member.objects.all():
        list(member.books.all())


def only():
    for book in Book.objects.only("author"):
        book.author.name


def deferred_by_only():
    for book in Book.objects.only("author"):
        book.title


def only_of_a_join():
    for book in Book.objects.select_related("author").only("title", "author__name"):
        book.author.email


def raw():
    for book in Book.objects.raw("SELECT * FROM lending_book"):
        book.author.name


def raw_with_deferred_fields():
    for book in Book.objects.raw("SELECT id, author_id FROM lending_book"):
        book.title


def manager_of_raw():
    for book in Book.objects.raw("SELECT * FROM lending_book"):
        list(book.copies.all())


def method_of_the_queryset():
    for book in Book.objects.old():
        book.author.name


def method_of_the_manager():
    for book in Book.objects.ordered():
        book.author.name


def method_of_the_related_manager():
    for person in Person.objects.all():
        for book in person.books.ordered():
            book.jacket.colour


def method_of_the_related_queryset():
    for person in Person.objects.all():
        for book in person.books.old():
            book.jacket.colour


def related_manager_and_its_name():
    for town in Town.objects.all():
        list(town.people.all())


def reverse_many_to_many_and_its_name():
    for genre in Genre.objects.all():
        list(genre.books_of.all())


def reverse_one_to_one_and_its_name():
    for book in Book.objects.all():
        book.jacket.colour


def joined_reverse_one_to_one_and_its_name():
    for book in Book.objects.select_related("cover"):
        book.jacket.painter.name


def joined_twice():
    for book in Book.objects.select_related("cover__painter"):
        book.jacket.painter.town.name


def joined_by_default():
    for copied in Copy.objects.select_related():
        copied.book.author.town.people.count()


def joined_under_a_condition():
    first = FilteredRelation("copy", condition=Q(copy__number=1))
    for book in Book.objects.annotate(first=first).select_related("first"):
        book.first.book.author.name


def loaded_under_a_condition():
    red = FilteredRelation("cover", condition=Q(cover__colour="red"))
    for book in Book.objects.annotate(red=red).select_related("red__painter"):
        book.red.painter.town.name


def not_loaded_under_a_condition():
    red = FilteredRelation("cover", condition=Q(cover__colour="red"))
    for book in Book.objects.annotate(red=red).filter(red__isnull=False):
        book.author.name


def nested_prefetch():
    for town in Town.objects.prefetch_related("people__books"):
        for person in town.people.all():
            for book in person.books.all():
                book.jacket.colour


def prefetched_to_an_attribute():
    for person in Person.objects.prefetch_related(Prefetch("books", to_attr="works")):
        for book in person.works:
            book.jacket.colour


class Keen(ModelIterable):
    def __iter__(self):
        for instance in super().__iter__():
            instance.keen = True
            yield instance


def prefetched_by_an_iterable_of_the_users():
    keen = Book.objects.all()
    keen._iterable_class = Keen
    for person in Person.objects.prefetch_related(Prefetch("books", keen)):
        for book in person.books.all():
            book.jacket.colour


class Watchful(ForwardManyToOneDescriptor):
    def get_object(self, instance):
        return super().get_object(instance)


def descriptor_of_the_users():
    field = Book._meta.get_field("author")
    before = Book.author
    Book.author = Watchful(field)
    try:
        for book in Book.objects.all():
            book.author.name
    finally:
        Book.author = before


def prefetched_through_an_attribute():
    for person in Person.objects.prefetch_related(Prefetch("books", to_attr="works"), "works__jacket"):
        for book in person.works:
            book.jacket.painter.name


def prefetched_single_to_an_attribute():
    for book in Book.objects.prefetch_related(Prefetch("author", Person.objects.all(), to_attr="writer")):
        book.writer.town.name


def prefetched_by_a_prefetch():
    works = Prefetch("books", Book.objects.prefetch_related("genres"), to_attr="works")
    for person in Person.objects.prefetch_related(works):
        for book in person.works:
            for genre in book.genres.all():
                list(genre.books_of.all())


def prefetched_and_joined():
    for person in Person.objects.prefetch_related(Prefetch("books", Book.objects.select_related("cover"))):
        for book in person.books.all():
            book.jacket.painter.name


def prefetched_for_instances():
    found = list(Book.objects.all())
    prefetch_related_objects(found, "copies")
    for book in found:
        for each in book.copies.all():
            each.book.author.name


def prefetched_generic_foreign_key():
    for remark in Remark.objects.prefetch_related("subject"):
        remark.subject.author.name


def generic_foreign_key():
    for remark in Remark.objects.all():
        remark.subject.author.name


def generic_relation():
    for book in Book.objects.all():
        for remark in book.remarks.all():
            remark.content_type.model


def iterator_with_prefetch():
    for book in Book.objects.prefetch_related("genres").iterator(chunk_size=2):
        for genre in book.genres.all():
            list(genre.books_of.all())


def union():
    for book in Book.objects.filter(pk=1).union(Book.objects.filter(pk=2)):
        book.author.name


def in_bulk():
    for book in Book.objects.in_bulk().values():
        book.author.name


def refreshed():
    for book in Book.objects.all():
        book.refresh_from_db()
        book.author.name


def copied_queryset():
    for book in copy.deepcopy(Book.objects.all()):
        book.author.name


def unpickled_query():
    books = Book.objects.all()
    books.query = pickle.loads(pickle.dumps(Book.objects.filter(year=1800).query))
    for book in books:
        book.author.name


@async_to_sync
async def asynchronous():
    async for book in Book.objects.all():
        await sync_to_async(lambda each: each.author)(book)


@async_to_sync
async def async_iterator():
    async for book in Book.objects.aiterator(chunk_size=2):
        await sync_to_async(lambda each: each.author)(book)


class BookForm(forms.Form):
    book = forms.ModelChoiceField(Book.objects.all())
    books = forms.ModelMultipleChoiceField(Book.objects.all(), required=False)


def model_choice():
    str(BookForm()["book"])


def model_multiple_choice():
    str(BookForm()["books"])


def formset():
    books = forms.modelformset_factory(Book, fields=["title"], extra=0)
    for form in books(queryset=Book.objects.order_by("pk")):
        form.instance.author.name


def bound_formset():
    books = forms.modelformset_factory(Book, fields=["title"], extra=0)
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}
    data |= {"form-0-id": 1, "form-0-title": "a", "form-1-id": 2, "form-1-title": "b"}
    bound = books(data, queryset=Book.objects.order_by("pk"))
    assert bound.is_valid()
    for form in bound:
        form.instance.author.name


def inline_formset():
    copies = forms.inlineformset_factory(Book, Copy, fields=["mark"], extra=0)
    for form in copies(instance=Book.objects.get(pk=1)):
        form.instance.book = None  # the parent's own instance
        form.instance.book_id = 2
        form.instance.book.title


# No parents: these instances are not the ones that a query loaded.


def pickled():
    for book in pickle.loads(pickle.dumps(list(Book.objects.all()))):
        book.author.name


def pickled_queryset():
    for book in pickle.loads(pickle.dumps(Book.objects.all())):
        book.author.name


def cached():
    cache.set("books", Book.objects.all())
    for book in cache.get("books"):
        book.author.name


def copied():
    for book in Book.objects.all():
        copy.copy(book).author.name


def deep_copied():
    for book in copy.deepcopy(list(Book.objects.all())):
        book.author.name


def deep_copied_with_what_was_joined():
    for book in copy.deepcopy(list(Book.objects.select_related("author"))):
        book.author.town.name


def deep_copied_child():
    for librarian in copy.deepcopy(list(Librarian.objects.all())):
        librarian.person_ptr.town.name


def created():
    Person.objects.count()
    person = Person.objects.create(name="P", email="p@example.org", town_id=1)
    list(person.books.all())


def created_in_bulk():
    Genre.objects.count()
    for genre in Genre.objects.bulk_create([Genre(name="a"), Genre(name="b")]):
        list(genre.books_of.all())


def created_and_joined():
    """The rows that a related manager loads get its own instance, which no query loaded."""
    book = Book.objects.create(title="t", author_id=1)
    book = Book(pk=book.pk, title="t", author_id=1)
    Copy.objects.create(book=book, number=1, mark="t", row="t")
    Genre.objects.count()
    for each in book.copies.select_related("book"):
        each.book.author.name


def made_by_hand():
    Book.objects.count()
    Book(author_id=1).author.name
