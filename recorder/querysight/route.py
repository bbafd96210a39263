"""A URL pattern as people read it: `^orders/(?P<pk>[^/.]+)/$` is `/orders/<pk>/`."""

from __future__ import annotations

import re
from functools import lru_cache

# What shows that a part of the route was written for `re_path` (as routers do) and not for `path`.
_REGEX = re.compile(r"^\^|\(\?|\\|\$$")
_BOUNDARIES = frozenset("AZzbB")
_TOKEN = re.compile(
    r"""
    \\(?P<escaped>.)
  | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
  | \(\?P<(?P<name>\w+)>
  | (?P<plain>\(\?(?:[aiLmsux]*(?:-[imsx]+)?:|>))
  | (?P<nothing>\(\?)
  | (?P<unnamed>\()
  | (?P<close>\))
  | (?P<sign>[\^$?])
  | (?P<text>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1024)
def readable(route: str) -> str:
    """`ResolverMatch.route` with a leading `/`, and without the regular expressions of the parts that are one.

    Captured groups become `<name>`, or `<var>` where they have none; anchors and the `?` of what is optional go. This is what
    `django.contrib.admindocs` shows, but for groups that capture nothing: their content stays. Admindocs is no part of every
    project, and its `simplify_regex` takes no route that is of both kinds.

    Routes of `path()` stay as they are written.
    """
    return "/" + (_without_regex(route) if _REGEX.search(route) else route).lstrip("/")


def _without_regex(route: str) -> str:
    shown: list[str] = []
    # One entry an open group: True where its content is shown.
    groups: list[bool] = []
    for token in _TOKEN.finditer(route):
        kind = token.lastgroup
        visible = all(groups)
        if kind == "close":
            if groups:
                groups.pop()
        elif kind == "plain":
            groups.append(True)
        elif kind in ("name", "unnamed", "nothing"):
            groups.append(False)
            if visible and kind != "nothing":
                shown.append(f"<{token['name'] or 'var'}>")
        elif visible:
            shown.append(_character(kind, token))
    return "".join(shown)


def _character(kind: str | None, token: re.Match[str]) -> str:
    if kind == "sign":
        return ""
    if kind == "escaped":
        letter = token["escaped"]
        if letter in _BOUNDARIES:
            return ""
        # Classes such as \d stay; an escaped sign stands for itself.
        return f"\\{letter}" if letter.isalnum() else letter
    return token[0]
