"""A library: inheritance, proxies, names of relations that are none of Django's defaults, constraints of every kind."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower


class Town(models.Model):
    name = models.CharField(max_length=40)


class Person(models.Model):
    name = models.CharField(max_length=40)
    email = models.CharField(max_length=40, unique=True)
    town = models.ForeignKey(Town, models.CASCADE, related_name="people", related_query_name="inhabitant")


class Librarian(Person):
    desk = models.ForeignKey(Town, models.CASCADE, related_name="+")


class HeadLibrarian(Librarian):
    pass


class Reader(Person):
    """Its parent link has a name of its own."""

    card = models.OneToOneField(Person, models.CASCADE, parent_link=True, related_name="as_reader")
    number = models.IntegerField(default=0)


class Member(Person):
    class Meta:
        proxy = True


class Remark(models.Model):
    text = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()


class Genre(models.Model):
    name = models.CharField(max_length=40)


class BookQuerySet(models.QuerySet):
    def old(self):
        return self.filter(year__lt=1900)


class BookManager(models.Manager.from_queryset(BookQuerySet)):
    def ordered(self):
        return self.get_queryset().order_by("pk")  # in the manager


class Book(models.Model):
    title = models.CharField(max_length=40)
    year = models.IntegerField(default=1800)
    bought = models.DateField(null=True)
    listed_at = models.DateTimeField(null=True)
    author = models.ForeignKey(Person, models.CASCADE, related_name="books", related_query_name="book")
    genres = models.ManyToManyField(Genre, related_name="books_of", related_query_name="of_book")
    remarks = GenericRelation(Remark, related_query_name="book")

    objects = BookManager()

    def __str__(self):
        return f"{self.title} by {self.author.name}"  # label


class Copy(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="copies", related_query_name="copy")
    number = models.IntegerField()
    mark = models.CharField(max_length=10, default="")
    shelf = models.CharField(max_length=10, default="")
    row = models.CharField(max_length=10, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="copy_number"),
            models.UniqueConstraint(fields=["mark"], condition=models.Q(number=1), name="copy_first_mark"),
            models.UniqueConstraint(Lower("row"), name="copy_row"),
        ]
        unique_together = [("shelf", "mark")]


class Shelf(models.Model):
    room = models.CharField(max_length=20)
    number = models.IntegerField()

    class Meta:
        unique_together = [("room", "number")]


class Placement(models.Model):
    """Refers to its shelf by two columns."""

    room = models.CharField(max_length=20)
    number = models.IntegerField()
    shelf = models.ForeignObject(Shelf, models.CASCADE, from_fields=["room", "number"], to_fields=["room", "number"])


class Cover(models.Model):
    book = models.OneToOneField(Book, models.CASCADE, related_name="jacket", related_query_name="cover")
    colour = models.CharField(max_length=10)
    painter = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")


class Visit(AbstractBaseSession):
    """A project's own sessions."""

    @classmethod
    def get_session_store_class(cls):
        from .signing_in import VisitStore

        return VisitStore
