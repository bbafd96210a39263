"""The chain from a lazy load to the query that loaded its instance, and the attributes along the way."""

from __future__ import annotations

import pytest

BOOK, PERSON, TOWN, COPY = "lending.Book", "lending.Person", "lending.Town", "lending.Copy"
LIBRARIAN, COVER, GENRE = "lending.Librarian", "lending.Cover", "lending.Genre"

# function: the attributes from the first query's rows through each load to the last, as `path` or `path.field` of each;
# model and target of the last; how many instances of its parent's rows it hangs on
CHAINS = {
    "field_of_a_parent_model": (["town"], LIBRARIAN, TOWN, 2, 2),
    "manager_of_a_parent_model": (["books"], LIBRARIAN, BOOK, 2, 2),
    "parent_link": (["person_ptr.town"], PERSON, TOWN, 2, 2),
    "parent_link_of_another_name": (["card.town"], PERSON, TOWN, 1, 1),
    "manager_behind_a_parent_link": (["person_ptr.books"], PERSON, BOOK, 2, 2),
    "parent_link_of_a_parent_link": (["librarian_ptr__person_ptr.town"], PERSON, TOWN, 1, 1),
    "child": (["librarian", "desk"], LIBRARIAN, TOWN, 2, 2),
    "child_of_another_name": (["as_reader"], PERSON, "lending.Reader", 1, 1),
    "joined_child": (["librarian.desk"], LIBRARIAN, TOWN, 2, 2),
    "deferred_field_of_a_parent_model": (["name"], LIBRARIAN, LIBRARIAN, 2, 2),
    "proxy": (["town"], "lending.Member", TOWN, 5, 5),
    "manager_of_a_proxy": (["books"], "lending.Member", BOOK, 5, 5),
    "only": (["author"], BOOK, PERSON, 3, 3),
    "deferred_by_only": (["title"], BOOK, BOOK, 3, 3),
    "only_of_a_join": (["author.email"], PERSON, PERSON, 3, 3),
    "raw": (["author"], BOOK, PERSON, 3, 3),
    "raw_with_deferred_fields": (["title"], BOOK, BOOK, 3, 3),
    "manager_of_raw": (["copies"], BOOK, COPY, 3, 3),
    "method_of_the_queryset": (["author"], BOOK, PERSON, 3, 3),
    "method_of_the_manager": (["author"], BOOK, PERSON, 3, 3),
    "method_of_the_related_manager": (["books", "jacket"], BOOK, COVER, 3, 3),
    "method_of_the_related_queryset": (["books", "jacket"], BOOK, COVER, 3, 3),
    "related_manager_and_its_name": (["people"], TOWN, PERSON, 2, 2),
    "reverse_many_to_many_and_its_name": (["books_of"], GENRE, BOOK, 2, 2),
    "reverse_one_to_one_and_its_name": (["jacket"], BOOK, COVER, 3, 3),
    "joined_reverse_one_to_one_and_its_name": (["jacket.painter"], COVER, PERSON, 3, 3),
    "joined_twice": (["jacket__painter.town"], PERSON, TOWN, 3, 3),
    "joined_by_default": (["book__author__town.people"], TOWN, PERSON, 6, 6),
    "joined_under_a_condition": (["author"], BOOK, PERSON, 3, 3),
    "loaded_under_a_condition": (["red__painter.town"], PERSON, TOWN, 3, 3),
    "not_loaded_under_a_condition": (["author"], BOOK, PERSON, 3, 3),
    "nested_prefetch": (["people", "books", "jacket"], BOOK, COVER, 3, 3),
    "prefetched_to_an_attribute": (["books", "jacket"], BOOK, COVER, 3, 3),
    "prefetched_by_an_iterable_of_the_users": (["books", "jacket"], BOOK, COVER, 3, 3),
    "descriptor_of_the_users": (["author"], BOOK, PERSON, 3, 3),
    "prefetched_through_an_attribute": (["books", "jacket", "painter"], COVER, PERSON, 3, 3),
    "prefetched_single_to_an_attribute": (["author", "town"], PERSON, TOWN, 2, 2),
    "prefetched_by_a_prefetch": (["books", "genres", "books_of"], GENRE, BOOK, 6, 6),
    "prefetched_and_joined": (["books", "jacket.painter"], COVER, PERSON, 3, 3),
    "prefetched_for_instances": (["author"], BOOK, PERSON, 3, 3),
    "prefetched_generic_foreign_key": (["subject", "author"], BOOK, PERSON, 3, 3),
    "generic_foreign_key": (["subject", "author"], BOOK, PERSON, 3, 3),
    "generic_relation": (["remarks", "content_type"], "lending.Remark", "contenttypes.ContentType", 3, 3),
    "iterator_with_prefetch": (["genres", "books_of"], GENRE, BOOK, 2, 2),
    "union": (["author"], BOOK, PERSON, 2, 2),
    "in_bulk": (["author"], BOOK, PERSON, 3, 3),
    "refreshed": (["author"], BOOK, PERSON, 3, 3),
    "copied_queryset": (["author"], BOOK, PERSON, 3, 3),
    "unpickled_query": (["author"], BOOK, PERSON, 3, 3),
    "asynchronous": (["author"], BOOK, PERSON, 3, 3),
    "async_iterator": (["author"], BOOK, PERSON, 3, 3),
    "model_choice": (["author"], BOOK, PERSON, 3, 3),
    "model_multiple_choice": (["author"], BOOK, PERSON, 3, 3),
    "formset": (["author"], BOOK, PERSON, 3, 3),
    "bound_formset": (["author"], BOOK, PERSON, 2, 3),
    "inline_formset": (["book"], COPY, BOOK, 2, 2),
}
ORPHANS = (
    "pickled",
    "pickled_queryset",
    "cached",
    "copied",
    "deep_copied",
    "deep_copied_with_what_was_joined",
    "deep_copied_child",
    "created",
    "created_in_bulk",
    "made_by_hand",
)


@pytest.fixture
def loading(store):
    from django.contrib.contenttypes.models import ContentType
    from lending import loading, models

    for model in (models.Book, models.Remark):
        ContentType.objects.get_for_model(model)
    return loading


def chain(row):
    """The attributes of each load on the way to the row, outermost first, and the query that they start from."""
    found = []
    while row.parent is not None:
        field = row.cause["field"]
        found.append(f"{row.path}.{field}" if row.path else field)
        row = row.parent
    return found[::-1], row


@pytest.mark.parametrize("function", CHAINS)
def test_a_load_is_followed_to_the_queryset_that_loaded_its_instance(recording, loading, function):
    attributes, model, target, instances, rows = CHAINS[function]
    *_, last = recording.run(getattr(loading, function)).rows
    found, root = chain(last)
    assert found == attributes
    assert (last.cause["model"], last.cause["target"]) == (model, target)
    assert (last.instances, last.parent.rows) == (instances, rows)
    assert root.cause["kind"] in {"queryset", "raw"}


@pytest.mark.parametrize("function", ORPHANS)
def test_what_no_query_loaded_has_no_parent(recording, loading, function):
    *_, last = recording.run(getattr(loading, function)).rows
    assert last.cause["kind"] in {"foreign_key", "reverse_foreign_key", "many_to_many"}
    assert (last.record["parent"], last.path) == (0, "")
    assert last.instances == last.count > 0


def test_what_a_related_manager_sets_on_its_rows_is_not_what_they_loaded(recording, loading):
    *_, copies, author = recording.run(loading.created_and_joined).rows
    assert (copies.cause["field"], copies.record["parent"]) == ("copies", 0)
    # `select_related` replaces the manager's instance: this one was loaded.
    assert (author.cause["field"], author.parent.id, author.path) == ("author", copies.id, "book")


def test_all_are_tried(loading):
    own = {name for name, value in vars(loading).items() if getattr(value, "__module__", "") == loading.__name__}
    functions = {name for name in own if not isinstance(getattr(loading, name), type)}
    decorated = {"asynchronous", "async_iterator"}
    assert functions | decorated == {*CHAINS, *ORPHANS, "created_and_joined"}


def test_names_are_those_of_the_relation(recording, loading):
    """`field` is the attribute, `lookup` what `select_related` or `prefetch_related` takes."""
    names = {}
    for function in (
        "related_manager_and_its_name",
        "reverse_many_to_many_and_its_name",
        "reverse_one_to_one_and_its_name",
        "generic_relation",
    ):
        cause = recording.run(getattr(loading, function)).rows[1].cause
        names[cause["kind"]] = (cause["field"], cause["lookup"])
    assert names == {
        "reverse_foreign_key": ("people", "people"),
        "many_to_many": ("books_of", "books_of"),
        "reverse_one_to_one": ("jacket", "cover"),
        "generic_relation": ("remarks", "remarks"),
    }


@pytest.mark.parametrize(
    ("function", "paths"),
    [
        ("nested_prefetch", ["people", "people__books"]),
        ("prefetched_to_an_attribute", ["books"]),
        ("prefetched_through_an_attribute", ["books", "works__jacket"]),
        ("prefetched_single_to_an_attribute", ["author"]),
        # The inner queryset is a prefetching queryset of its own.
        ("prefetched_by_a_prefetch", ["books", "genres"]),
    ],
)
def test_paths_of_prefetches(recording, loading, function, paths):
    rows = recording.run(getattr(loading, function)).rows
    assert [row.cause["path"] for row in rows if row.cause["kind"] == "prefetch"] == paths
