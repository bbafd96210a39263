"""Parameters of a statement: a sample as SQL literals, and a hash that tells two lists apart."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

MAX_LENGTH = 200
MAX_COUNT = 50

_AS_TEXT = (datetime.date, datetime.time, datetime.timedelta, uuid.UUID)


def literal(value: object) -> str:
    """One parameter as a SQL literal of at most MAX_LENGTH characters.

    Only known types are turned into text: `str()` of anything else could run the user's code.
    """
    if value is None:
        return "NULL"
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    kind = type(value)
    if kind is int or kind is float or kind is decimal.Decimal:
        text = str(value)
    elif isinstance(value, str):
        text = _quoted(str.__str__(value[:MAX_LENGTH]))
    elif kind is bytes or kind is bytearray:
        text = f"X'{bytes(value[:MAX_LENGTH]).hex().upper()}'"  # type: ignore[index]
    elif isinstance(value, memoryview):
        text = f"X'{bytes(value[:MAX_LENGTH]).hex().upper()}'"
    elif isinstance(value, _AS_TEXT) and kind.__module__ in {"datetime", "uuid"}:
        text = _quoted(str(value))
    elif kind is list or kind is tuple:
        parts = [literal(item) for item in value[:MAX_COUNT]]  # type: ignore[index]
        text = f"ARRAY[{', '.join(parts)}]"
    else:
        text = _quoted(f"<{kind.__name__}>")
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_list(params: Any, many: bool) -> Any:
    """The one parameter list of an execution, or the first of `executemany` (never consuming an iterator)."""
    if not many:
        return params
    return params[0] if isinstance(params, (list, tuple)) and params else None


def sample(params: Any, many: bool) -> list[str]:
    """The parameters of one execution as literals, at most MAX_COUNT. Empty where there are none."""
    values = _first_list(params, many)
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, (list, tuple)):
        return []
    return [literal(value) for value in values[:MAX_COUNT]]


def fingerprint(params: Any, many: bool) -> int:
    """A hash of one execution's parameters; equal lists have equal hashes within a process.

    0 for what is none of the usual: some drivers take an iterator, which is not ours to consume.
    """
    if not isinstance(params, (tuple, list, dict)) or not params:
        return 0
    try:
        return hash(tuple(params.items()) if isinstance(params, dict) else tuple(params))
    except Exception:  # an unhashable parameter, such as a list for an array column or a writable memoryview
        return hash(tuple(sample(params, many)))
