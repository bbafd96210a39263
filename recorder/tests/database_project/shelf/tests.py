"""For Django's own runner, serial and in parallel: two classes, so that two processes have one each."""

from django.test import TestCase, TransactionTestCase

from .models import Author, Book


class BookTests(TestCase):
    databases = "__all__"

    def test_plain(self):
        self.assertEqual(list(Book.objects.filter(plain="x")), [])


class AuthorTests(TransactionTestCase):
    def test_name(self):
        Author.objects.create(name="A")
        self.assertEqual(Author.objects.filter(name="A").count(), 1)
