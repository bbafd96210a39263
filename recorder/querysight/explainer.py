"""What is asked of every database about its plans; one module a vendor answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from .filters import Alternatives, Column, Condition, TableFilter

Node = dict[str, Any]


class Plan(NamedTuple):
    """A plan's nodes as docs/segment-format.md has them, and the database's own JSON where it gives one."""

    nodes: list[Node]
    json: Any = None


@dataclass(frozen=True)
class Evidence:
    """What a plan shows of one table: the columns that an index looked up, and by which indexes.

    `whole`: an index serves the filter in a way that names no column (a partial index, a function that it holds).
    """

    columns: frozenset[str] = frozenset()
    indexes: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Probe:
    """What the probes of one table's filter found. `sort`: whether an index gives the rows in order; None where not asked."""

    evidence: Evidence = field(default_factory=Evidence)
    sort: bool | None = None


class Explainer(Protocol):
    """One database, on one connection of the recorder's own. Its methods raise what the driver raises."""

    def natural(self, sql: str, params: Any, *, values: bool) -> Plan | None:
        """The plan of a statement as the program runs it. Without `values`, no parameter may stand in it."""
        ...

    def begin_probes(self) -> None:
        """From here on no plan is shown to anybody: the planner is pushed towards indexes."""
        ...

    def table(self, found: TableFilter) -> Probe | None:
        """Ask about one table's filter by itself; None where it cannot be asked."""
        ...

    def statement(self, sql: str, params: Any) -> dict[str, Evidence]:
        """What a whole statement's plan, unsorted and without limit, shows of each of its tables."""
        ...

    def candidate(self, found: TableFilter, columns: tuple[str, ...]) -> bool | None:
        """Whether an index on these columns would serve the filter; None where that cannot be proven."""
        ...


def conditions_sql(conditions: tuple[Condition, ...], one: Any) -> str:
    """The conditions as SQL, joined by AND; `one` gives a column's own condition, or "" where it has none.

    An alternative without SQL would make its whole OR another question: it is left out.
    """
    parts = [_condition_sql(condition, one) for condition in conditions]
    return " AND ".join(part for part in parts if part)


def _condition_sql(condition: Condition, one: Any) -> str:
    if isinstance(condition, Column):
        return str(one(condition))
    branches = [conditions_sql(branch, one) for branch in condition.branches]
    return f"({' OR '.join(branches)})" if all(branches) else ""


def equalities(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Those that pin one column down."""
    return tuple(condition for condition in conditions if isinstance(condition, Column) and condition.use == "equality")


def is_served(conditions: tuple[Condition, ...], evidence: Evidence) -> bool:
    """Whether an index narrows the filter: one of what must hold together, and each of any alternatives."""
    return evidence.whole or any(_served(condition, evidence) for condition in conditions)


def _served(condition: Condition, evidence: Evidence) -> bool:
    if isinstance(condition, Alternatives):
        return all(is_served(branch, evidence) for branch in condition.branches)
    return condition.column in evidence.columns and condition.reason != "negated"
