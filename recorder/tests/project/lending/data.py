"""The rows that every test starts with."""

from datetime import date, datetime, timezone

from .models import Book, Copy, Cover, Genre, Librarian, Person, Reader, Remark, Town


def fill():
    """Two towns, five people (two of them librarians, one a reader), three books with two copies and a cover each."""
    towns = [Town.objects.create(name=f"T{number}") for number in range(2)]
    people = [Person.objects.create(name=f"N{n}", email=f"n{n}@example.org", town=towns[n]) for n in range(2)]
    for number in range(2):
        Librarian.objects.create(name=f"L{number}", email=f"l{number}@example.org", town=towns[number], desk=towns[0])
    Reader.objects.create(name="R0", email="r0@example.org", town=towns[1], number=1)
    genres = [Genre.objects.create(name=name) for name in ("novel", "poem")]
    for number in range(3):
        book = Book.objects.create(
            title=f"B{number}",
            author=people[number % 2],
            bought=date(2026, 1, 1 + number),
            listed_at=datetime(2026, 1, 1 + number, tzinfo=timezone.utc),
        )
        book.genres.set(genres)
        for copy in (1, 2):
            place = f"{number}{copy}"
            Copy.objects.create(book=book, number=copy, mark=f"M{place}", shelf="S", row=f"R{place}")
        Cover.objects.create(book=book, colour="red", painter=people[0])
        Remark.objects.create(text=f"about {number}", subject=book)
