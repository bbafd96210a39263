"""The integers that the recorder leaves on Django's objects, and how to read them.

On a `Query` (`query.__dict__`; `Query.clone()` copies it, so a mark survives every chained call):

- CONSTRUCTION: construction id, where the queryset came from; AT_EXECUTION for one that Django executes where it makes it
- RELATION: id of the related manager (kind, model, accessor) that made it
- PARENT: mark of the instance whose manager that is
- REFINED: 1 once it was cloned after its manager had filtered it
- ROW: id of the row of its last execution

On a model instance's `_state`:

- INSTANCE: `origin << SERIAL_BITS | serial`; the origin says which row loaded it along which path (0: unknown),
  the serial tells instances apart.

Integers only: a reference to a frame or code object would keep locals alive and break pickling.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

CONSTRUCTION = "_querysight_construction"
AT_EXECUTION = -1
RELATION = "_querysight_relation"
PARENT = "_querysight_parent"
REFINED = "_querysight_refined"
ROW = "_querysight_row"
QUERY_MARKS = (CONSTRUCTION, RELATION, PARENT, REFINED, ROW)

INSTANCE = "_querysight_instance"

# False where Django's classes are not known, so that the marks would end up in the program's pickles: then none are left.
on_queries = on_instances = True

# The mark of an instance that no query loaded but an instance of a child model gave, through its parent link; 0 for any other.
mark_of_link: Callable[[Any], int] = lambda instance: 0  # noqa: E731

SERIAL_BITS = 40
_serials = count(1)
next_serial = _serials.__next__


def origin_of(mark: int) -> int:
    """The origin's id in an instance's mark; 0 where it is not known what loaded the instance."""
    return mark >> SERIAL_BITS


def instance_mark(instance: Any) -> int:
    """The instance's mark, given now if it has none; 0 for an object that is no model instance."""
    state = getattr(instance, "_state", None)
    if state is None or not on_instances:
        return 0
    mark = state.__dict__.get(INSTANCE)
    if mark is None:
        mark = state.__dict__[INSTANCE] = mark_of_link(instance) or next_serial()
    return int(mark)
