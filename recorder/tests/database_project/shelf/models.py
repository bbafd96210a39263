"""Tables with and without the index that a filter needs. One column a case; the tests ask which are served."""

from django.db import models
from django.db.models.functions import Lower


class Book(models.Model):
    isbn = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=80)
    indexed = models.CharField(max_length=20, db_index=True)
    plain = models.CharField(max_length=20)
    number = models.IntegerField()
    flag = models.BooleanField(default=False)
    shelf = models.CharField(max_length=20)
    place = models.IntegerField()
    added = models.DateTimeField(null=True)
    author = models.ForeignKey("Author", models.CASCADE, related_name="books")
    editor = models.ForeignKey("Author", models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False)

    class Meta:
        indexes = [models.Index(fields=["shelf", "place"], name="book_shelf_place")]


class Author(models.Model):
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]


class Tuned(models.Model):
    """Indexes that not every database has."""

    name = models.CharField(max_length=40)
    state = models.CharField(max_length=10)

    class Meta:
        required_db_features = {"supports_expression_indexes", "supports_partial_indexes"}
        indexes = [
            models.Index(Lower("name"), name="tuned_lower"),
            models.Index(fields=["state"], name="tuned_open", condition=models.Q(state="open")),
        ]
