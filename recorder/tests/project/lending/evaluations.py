"""Each way to run a query. One line each: the site of its query."""

from asgiref.sync import async_to_sync
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Prefetch, prefetch_related_objects, query

from .models import Book, Copy, Genre, Librarian, Remark

RAW = "SELECT * FROM lending_book ORDER BY id"


def books():
    return Book.objects.all()


def first_two():
    return Book.objects.filter(pk=1).union(Book.objects.filter(pk=2))


async def async_for():
    return [book async for book in books()]  # awaited


async def aiterator():
    return [book async for book in books().aiterator(chunk_size=2)]  # awaited


@async_to_sync
async def awaited(owner, method, /, *args, **kwargs):
    return await getattr(owner, method)(*args, **kwargs)  # awaited


EVALUATIONS = {
    "iteration": lambda: [book.pk for book in books()],
    "list": lambda: list(books()),
    "len": lambda: len(books()),
    "bool": lambda: bool(books()),
    "in": lambda: Book(pk=1) in books(),
    "slice": lambda: list(books()[1:]),
    "slice with a step": lambda: books()[0:3:2],
    "index": lambda: books()[1],
    "get": lambda: books().get(title="B1"),
    "first": lambda: books().first(),
    "last": lambda: books().last(),
    "latest": lambda: books().latest("bought"),
    "earliest": lambda: books().earliest("bought"),
    "in_bulk": lambda: books().in_bulk([1, 2]),
    "in_bulk of all": lambda: books().in_bulk(),
    "iterator": lambda: list(books().iterator(chunk_size=2)),
    "count": lambda: books().count(),
    "exists": lambda: books().exists(),
    "contains": lambda: books().contains(Book(pk=1)),
    "aggregate": lambda: books().aggregate(Count("pk")),
    "aggregate of a slice": lambda: books()[:2].aggregate(Count("pk")),
    "explain": lambda: books().explain(),
    "dates": lambda: list(books().dates("bought", "day")),
    "datetimes": lambda: list(books().datetimes("listed_at", "day")),
    "values": lambda: list(books().values("title")),
    "values_list": lambda: list(books().values_list("pk", "title")),
    "flat values_list": lambda: list(books().values_list("pk", flat=True)),
    "named values_list": lambda: list(books().values_list("pk", named=True)),
    "first of values": lambda: books().values("title").first(),
    "iterator of values": lambda: list(books().values("title").iterator()),
    "union": lambda: list(first_two()),
    "first of a union": lambda: first_two().order_by("title").first(),
    "count of a union": lambda: first_two().count(),
    "intersection": lambda: list(books().intersection(Book.objects.filter(pk=2))),
    "subquery": lambda: list(books().filter(pk__in=Book.objects.old())),
}

ASYNC_EVALUATIONS = {
    "async for": lambda: async_to_sync(async_for)(),
    "aiterator": lambda: async_to_sync(aiterator)(),
    "aget": lambda: awaited(books(), "aget", title="B1"),
    "afirst": lambda: awaited(books(), "afirst"),
    "alast": lambda: awaited(books(), "alast"),
    "alatest": lambda: awaited(books(), "alatest", "bought"),
    "aearliest": lambda: awaited(books(), "aearliest", "bought"),
    "ain_bulk": lambda: awaited(books(), "ain_bulk", [1, 2]),
    "acount": lambda: awaited(books(), "acount"),
    "aexists": lambda: awaited(books(), "aexists"),
    "acontains": lambda: awaited(books(), "acontains", Book(pk=1)),
    "aaggregate": lambda: awaited(books(), "aaggregate", Count("pk")),
    "aexplain": lambda: awaited(books(), "aexplain"),
}

RAW_EVALUATIONS = {
    "list": lambda: list(Book.objects.raw(RAW)),
    "len": lambda: len(Book.objects.raw(RAW)),
    "index": lambda: Book.objects.raw(RAW)[0],
    "bool": lambda: bool(Book.objects.raw(RAW)),
    "iterator": lambda: list(Book.objects.raw(RAW).iterator()),
    "of a queryset": lambda: list(books().raw(RAW)),
}


def saved():
    genre = Genre.objects.get(name="novel")
    genre.name = "drama"
    genre.save()


WRITES = {
    "create": lambda: Genre.objects.create(name="drama"),
    "create of a child": lambda: Librarian.objects.create(name="L", email="l@", town_id=1, desk_id=1),
    "save of a new one": lambda: Genre(name="drama").save(),
    "save": saved,
    "get_or_create that gets": lambda: Genre.objects.get_or_create(name="novel"),
    "get_or_create that creates": lambda: Genre.objects.get_or_create(name="drama"),
    "update_or_create that updates": lambda: Genre.objects.update_or_create(name="novel", defaults={"name": "drama"}),
    "update_or_create that creates": lambda: Genre.objects.update_or_create(name="drama"),
    "bulk_create": lambda: Genre.objects.bulk_create([Genre(name="drama"), Genre(name="essay")]),
    "bulk_update": lambda: Genre.objects.bulk_update([Genre(pk=1, name="drama")], ["name"]),
    "update": lambda: Genre.objects.filter(name="novel").update(name="drama"),
    "create by a manager": lambda: Book.objects.get(pk=1).copies.create(number=3),
    "get_or_create by a manager": lambda: Book.objects.get(pk=1).copies.get_or_create(number=1),
    "refresh_from_db": lambda: Genre.objects.get(name="novel").refresh_from_db(),
    "acreate": lambda: awaited(Genre.objects, "acreate", name="drama"),
    "aget_or_create": lambda: awaited(Genre.objects, "aget_or_create", name="drama"),
    "aupdate_or_create": lambda: awaited(Genre.objects, "aupdate_or_create", name="novel", defaults={"name": "drama"}),
    "abulk_create": lambda: awaited(Genre.objects, "abulk_create", [Genre(name="drama")]),
    "abulk_update": lambda: awaited(Genre.objects, "abulk_update", [Genre(pk=1)], ["name"]),
    "aupdate": lambda: awaited(Genre.objects, "aupdate", name="drama"),
    "asave": lambda: awaited(Genre(name="drama"), "asave"),
    "arefresh_from_db": lambda: awaited(Genre(pk=1), "arefresh_from_db"),
}

DELETES = {
    "queryset": lambda: Book.objects.filter(pk=1).delete(),
    "queryset, async": lambda: awaited(Book.objects.filter(pk=1), "adelete"),
    "instance": lambda: Book.objects.get(pk=1).delete(),
    "instance, async": lambda: awaited(Book(pk=1), "adelete"),
}


def delete_a_child():
    Librarian.objects.get(email="l0@example.org").delete()


def prefetched():
    return Book.objects.prefetch_related("copies", Prefetch("author", to_attr="writer"))


def chunks():
    return list(prefetched().iterator(chunk_size=2))


@async_to_sync
async def async_chunks():
    return [book async for book in prefetched().aiterator(chunk_size=2)]


def prefetch_for_instances():
    prefetch_related_objects(list(books()), "copies", "author__town")


@async_to_sync
async def async_prefetch_for_instances():
    await query.aprefetch_related_objects([book async for book in books()], "copies", "author__town")


def raw_prefetched():
    return list(Book.objects.raw(RAW).prefetch_related("copies"))


def cannot_match():
    found = books()
    list(found)
    return [*found.filter(pk__in=[]), *found.none().values("title")]


def some_values():
    titles = books().values_list("title", flat=True).iterator(chunk_size=1)
    next(titles)
    titles.close()


@async_to_sync
async def async_values():
    return [title async for title in books().values_list("title").aiterator()]


def in_a_loop():
    for number in (1, 2, 3, 3):
        Copy.objects.filter(number=number).first()  # in a loop


def subjects():
    ContentType.objects.clear_cache()
    return [remark.subject for remark in Remark.objects.all()]


def subjects_prefetched():
    ContentType.objects.clear_cache()
    return [remark.subject for remark in Remark.objects.prefetch_related("subject")]


def remarks():
    ContentType.objects.clear_cache()
    return [list(book.remarks.all()) for book in books()]


def types_of_remarks():
    return [remark.content_type for remark in Remark.objects.all()]


def types_of_remarks_prefetched():
    return list(Remark.objects.prefetch_related("content_type"))
