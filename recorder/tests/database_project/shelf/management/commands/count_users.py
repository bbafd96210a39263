"""A command reads whatever database the settings name, and not one of a test run."""

from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", ["postgres"])
            self.stdout.write(cursor.fetchone()[0])
