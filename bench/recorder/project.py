"""A Django project in memory: authors, each with a book."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.urls import include, path

ROWS = 1000


def start(**configuration: Any) -> None:
    """Set Django up with an in-memory SQLite database and fill it.

    `apps` and `urls` come on top of the project's own; other settings have their names.
    """
    apps, pages = configuration.pop("apps", []), configuration.pop("urls", {})
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shelf", *apps],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ROOT_URLCONF="urls",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        STATIC_URL="static/",
        USE_TZ=True,
        ALLOWED_HOSTS=["*"],
        **configuration,
    )
    django.setup()

    import urls
    from django.core.management import call_command
    from shelf.models import Author, Book

    urls.urlpatterns += [path(f"{prefix}/", include(module)) for prefix, module in pages.items()]
    call_command("migrate", verbosity=0, run_syncdb=True)
    Author.objects.bulk_create(Author(name=f"author {number}") for number in range(ROWS))
    Book.objects.bulk_create(Book(title=f"book {author.pk}", author=author) for author in Author.objects.all())
