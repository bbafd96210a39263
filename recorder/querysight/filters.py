"""What a query filters and sorts each of its tables by: read from the `Query` object at a statement's first sight.

Nothing is compiled here and no value is kept: a project's own lookups and fields are not called a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models.expressions import Col, F, OrderBy
from django.db.models.lookups import IsNull, Lookup, YearLookup
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

_EQUALITIES = frozenset({"exact", "in", "isnull"})
_RANGES = frozenset({"gt", "gte", "lt", "lte", "range"})
# An index on the column can serve these where its order is that of the characters; the database is asked.
_PREFIXES = frozenset({"startswith", "istartswith", "iexact"})
_WILDCARDS = frozenset({"contains", "icontains", "endswith", "iendswith", "regex", "iregex"})
_MAX_DEPTH = 5
_MAX_COLUMNS = 30


class Column(NamedTuple):
    """One lookup on one column.

    `use`: `equality`, `range`, `prefix`, or `none` where no plain index on the column serves the lookup, with the `reason`:
    `function` (of the column), `leading_wildcard`, `negated`, `not_null`, `compared` (with the same table), `lookup` (any other).
    `type`: Django's internal type of what the column holds (`CharField`), that of its target for a foreign key.
    """

    column: str
    lookup: str
    use: str
    reason: str | None
    type: str
    primary_key: bool


class Alternatives(NamedTuple):
    """Conditions of which one must hold: served only if each of them is. A condition is a list of what must hold together."""

    branches: tuple[tuple[Condition, ...], ...]


Condition = Column | Alternatives


class Sort(NamedTuple):
    column: str
    descending: bool


class TableFilter(NamedTuple):
    """How one table of a query is filtered. `sort` is None where the order is not by this table's own columns alone."""

    table: str
    conditions: tuple[Condition, ...]
    sort: tuple[Sort, ...] | None

    @property
    def columns(self) -> list[tuple[Column, bool]]:
        """Each lookup, and whether it is one of several alternatives."""
        return list(_flat(self.conditions, False))


def table_filters(query: Any) -> list[TableFilter]:
    """The filter of each table that has one or is sorted, subqueries' included, equal ones once; none for raw SQL."""
    found: dict[TableFilter, None] = {}
    if isinstance(query, Query):
        _read(query, found, 0)
    return list(found)


def _flat(conditions: tuple[Condition, ...], alternative: bool) -> Iterator[tuple[Column, bool]]:
    for condition in conditions:
        if isinstance(condition, Column):
            yield condition, alternative
        else:
            for branch in condition.branches:
                yield from _flat(branch, True)


class _Reader:
    """Gathers one query's conditions by alias, and the queries that stand within it."""

    def __init__(self, query: Any) -> None:
        self.query = query
        self.by_alias: dict[str, list[Condition]] = {}
        self.inner: list[Any] = []

    def gather(self, node: Any) -> None:
        """Each part of a conjunction that is about one table only; nothing can serve an OR over several."""
        if isinstance(node, WhereNode) and node.connector == "AND" and not node.negated:
            for child in node.children:
                self.gather(child)
            return
        aliases: set[str] = set()
        condition = self.condition(node, aliases, negated=False)
        if condition is not None and len(aliases) == 1:
            self.by_alias.setdefault(aliases.pop(), []).append(condition)

    def condition(self, node: Any, aliases: set[str], negated: bool) -> Condition | None:
        """The condition that a node of the tree is, with the aliases it is about. None where it is about no column."""
        if isinstance(node, WhereNode):
            negated = negated != bool(node.negated)
            parts = [self.condition(child, aliases, negated) for child in node.children]
            known = tuple(part for part in parts if part is not None)
            if len(known) == 1 and len(parts) == 1:
                return known[0]
            if node.connector == "OR" and len(known) == len(parts) and known:
                return Alternatives(tuple((part,) for part in known))
            if node.connector == "AND" and known:
                return Alternatives((known,))
            if known:
                aliases.add("")  # An alternative that is not understood: nothing is known of the whole.
            return None
        if isinstance(node, Lookup):
            return self.lookup(node, aliases, negated)
        self.enter(node)
        return None

    def lookup(self, lookup: Any, aliases: set[str], negated: bool) -> Column | None:
        self.enter(lookup.lhs)
        self.enter(lookup.rhs)
        columns = [column for column in _columns(lookup.lhs, 0) if column.alias in self.query.alias_map]
        if len(columns) != 1:
            return None
        column = columns[0]
        aliases.add(column.alias)
        name = str(lookup.lookup_name)
        use, reason = _use(lookup, name, column)
        if negated:
            use, reason = "none", "negated"
        if lookup.lhs is not column and getattr(lookup.lhs, "lookup_name", None):
            name = f"{lookup.lhs.lookup_name}__{name}"
        target = column.target
        return Column(str(target.column), name, use, reason, _type(target), bool(target.primary_key))

    def enter(self, expression: Any, depth: int = 0) -> None:
        """Note the queries within an expression."""
        if isinstance(expression, Query):
            self.inner.append(expression)
        elif isinstance(getattr(expression, "query", None), Query):
            self.inner.append(expression.query)
        elif depth < _MAX_DEPTH and hasattr(expression, "get_source_expressions"):
            for source in expression.get_source_expressions():
                self.enter(source, depth + 1)


def _read(query: Any, found: dict[TableFilter, None], depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    combined = getattr(query, "combined_queries", ())
    inner = [*combined, *([query.inner_query] if getattr(query, "inner_query", None) is not None else [])]
    reader = _Reader(query)
    if not inner:
        reader.gather(query.where)
        for annotation in query.annotations.values():
            reader.enter(annotation)
        base = next(iter(query.alias_map), None)
        for alias, join in query.alias_map.items():
            conditions = tuple(reader.by_alias.get(alias, ())[:_MAX_COLUMNS])
            sort = _sort(query, alias) if alias == base and not query.group_by and not query.distinct else None
            if conditions or sort:
                found[TableFilter(str(join.table_name), conditions, sort)] = None
    for other in (*inner, *reader.inner):
        _read(other, found, depth + 1)


def _columns(expression: Any, depth: int) -> list[Any]:
    if isinstance(expression, Col):
        return [expression]
    if depth > _MAX_DEPTH or isinstance(expression, Query) or not hasattr(expression, "get_source_expressions"):
        return []
    return [column for source in expression.get_source_expressions() for column in _columns(source, depth + 1)]


def _use(lookup: Any, name: str, column: Any) -> tuple[str, str | None]:
    if any(other.alias == column.alias for other in _columns(lookup.rhs, 0)):
        return "none", "compared"
    if isinstance(lookup, YearLookup):
        return "range", None  # BETWEEN the year's first and last moment
    # Django 5.2's tuples of columns (`ColPairs`) are the column itself where there is but one.
    if lookup.lhs is not column and not hasattr(lookup.lhs, "targets"):
        return "none", "function"
    if name in _WILDCARDS:
        return "none", "leading_wildcard"
    if isinstance(lookup, IsNull) and not lookup.rhs:
        return "none", "not_null"
    # Only the lookups that are Django's own: a project may give a name another sense.
    if not type(lookup).__module__.startswith("django."):
        return "none", "lookup"
    for use, names in (("equality", _EQUALITIES), ("range", _RANGES), ("prefix", _PREFIXES)):
        if name in names:
            return use, None
    return "none", "lookup"


def _type(field: Any) -> str:
    for _ in range(_MAX_DEPTH):
        if not getattr(field, "remote_field", None):
            break
        field = field.target_field
    return str(field.get_internal_type())


def _sort(query: Any, alias: str) -> tuple[Sort, ...] | None:
    """The order by the base table's own columns; None where any key is something else."""
    if query.extra_order_by:
        return None
    keys = query.order_by or (query.get_meta().ordering if query.default_ordering else ())
    sort = []
    for key in keys or ():
        one = _sort_key(query, key)
        if one is None:
            return None
        sort.append(one if query.standard_ordering else one._replace(descending=not one.descending))
    return tuple(sort)


def _sort_key(query: Any, key: Any) -> Sort | None:
    descending = False
    if isinstance(key, OrderBy):
        if key.nulls_first or key.nulls_last:
            return None
        key, descending = key.expression, bool(key.descending)
    if isinstance(key, F):
        key = key.name
    if not isinstance(key, str) or key == "?" or "__" in key:
        return None
    name = key.lstrip("-+")
    descending = descending != key.startswith("-")
    if name in query.annotations:
        return None
    meta = query.get_meta()
    try:
        field = meta.pk if name == "pk" else meta.get_field(name)
    except FieldDoesNotExist:
        return None  # A name of `extra()`, or one that is selected by its number.
    # The name of a relation sorts by what it leads to, and an inherited field stands in another table.
    if field.is_relation and name != getattr(field, "attname", None) and name != "pk":
        return None
    if not getattr(field, "column", None) or field.model._meta.concrete_model is not meta.concrete_model:
        return None
    return Sort(str(field.column), descending)
