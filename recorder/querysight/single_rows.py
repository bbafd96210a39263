"""Whether a query can return one row at most, told from its `Query` object alone: nothing is compiled, no user's code is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def returns_one(query: Any) -> bool:
    """True for LIMIT 1, and for equalities at the top of the WHERE tree on all columns of something unique.

    What is unique is a column, or the fields of a `UniqueConstraint` without condition or of `unique_together`: of the base
    table, or of one that it is joined with one to one, as a parent model's is.
    """
    where = getattr(query, "where", None)
    if where is None:
        return False
    high = getattr(query, "high_mark", None)
    if high is not None and high - query.low_mark <= 1:
        return True
    if getattr(query, "combined_queries", ()):
        return False
    equated: dict[str, list[Any]] = {}
    for alias, field in _equated(where):
        equated.setdefault(alias, []).append(field)
    return any(_are_unique(fields) and _is_one_to_one(query, alias) for alias, fields in equated.items()) and not _multiplies(
        query
    )


def _equated(where: Any) -> Iterator[tuple[str, Any]]:
    """(table's alias, field) of each column that must equal a given value."""
    if where.negated or where.connector != "AND":
        return
    for child in where.children:
        if hasattr(child, "children"):
            yield from _equated(child)
        elif getattr(child, "lookup_name", "") == "exact" and _is_given(child.rhs):
            lhs = child.lhs
            # A composite key has several targets (`ColPairs`, since Django 5.2).
            target = getattr(lhs, "target", None)
            for field in getattr(lhs, "targets", () if target is None else (target,)):
                yield lhs.alias, field


def _is_given(value: Any) -> bool:
    """False for another column, a subquery or what is computed of them."""
    return not hasattr(value, "resolve_expression") or hasattr(value, "value")


def _are_unique(fields: list[Any]) -> bool:
    """True if the fields, all of one table, hold all of something unique."""
    if any(field.unique for field in fields):
        return True
    if len(fields) < 2:
        return False
    names, meta = {field.name for field in fields}, fields[0].model._meta
    return any(
        names.issuperset(together)
        for together in (
            *(constraint.fields for constraint in meta.total_unique_constraints),
            *meta.unique_together,
            *_composite_key(meta),
        )
    )


def _composite_key(meta: Any) -> Iterator[list[str]]:
    key = getattr(meta, "pk_fields", ())
    if len(key) > 1:
        yield [field.name for field in key]


def _is_one_to_one(query: Any, alias: str) -> bool:
    """True for the base table, and for one that only one-to-one relations lead to."""
    while alias != query.base_table:
        join = query.alias_map[alias]
        if join.parent_alias is None or not _field(join.join_field).one_to_one:
            return False
        alias = join.parent_alias
    return True


def _multiplies(query: Any) -> bool:
    """True if a join may return a row of the base table several times."""
    if not any(_is_to_many(join) for join in query.alias_map.values()):
        return False
    # DISTINCT and GROUP BY over the model's own columns fold them again.
    return not (query.default_cols and (query.distinct or query.group_by is True))


def _is_to_many(join: Any) -> bool:
    relation = getattr(join, "join_field", None)
    if relation is None:
        return False
    field = _field(relation)
    return not (field.one_to_one or (field is relation and field.many_to_one))


def _field(relation: Any) -> Any:
    """The field of a relation, whichever end it is. A `ForeignObjectRel` is not asked itself: it would keep the answers, and
    they would end up in the program's pickles of queries."""
    return getattr(relation, "field", relation)
