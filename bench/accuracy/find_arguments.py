"""The oracle's eyes: each argument of ``select_related(…)`` / ``prefetch_related(…)`` in application code, read with Python's own ``ast``.

    python find_arguments.py CHECKOUT '{"sources": ["hc"], "exclude": ["*/tests/*"]}'

It shares no code with the tool that is measured. Prints one JSON object:

- ``cases``: one for each argument, with the edit that takes it out. Lines stay where they are.
- ``probes``: one for each call, with the insertions that tell when it runs and in which test.
- ``bare``: calls without arguments, as ``path:line``: nothing can be taken out of them.
- ``managers``: names of the project's own managers and querysets.
- ``files``: paths of the application's code.
- ``lines``: how many lines of it hold code: neither blank nor comments alone.

Offsets are bytes in the file as it lies on disk; lines count from 1.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, Iterator

METHODS = {"select_related", "prefetch_related"}
PREFETCH = {"Prefetch", "GenericPrefetch"}
QUERYSET_BASE = re.compile(r"(Manager|QuerySet)$|from_queryset$")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Lines = list[int]


class Source:
    """One parsed file: nodes know their parents, positions become byte offsets."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.tree = ast.parse(data)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]

    def start(self, node: ast.expr) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr) -> int:
        return self._starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def outward(self, node: ast.AST) -> Iterator[ast.AST]:
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def blank(self, start: int, end: int) -> str:
        """As many line ends as the text between has."""
        return "\n" * self.data[start:end].count(b"\n")


def main() -> None:
    root, project = Path(sys.argv[1]), json.loads(sys.argv[2])
    files = sorted(
        path.relative_to(root).as_posix() for folder in project["sources"] for path in (root / folder).rglob("*.py")
    )
    excluded = project["exclude"]
    sources = [
        Source(path, (root / path).read_bytes())
        for path in files
        if not any(fnmatch(path, pattern) for pattern in excluded)
    ]
    families = queryset_classes(sources)
    cases: list[dict[str, Any]] = []
    probes: list[dict[str, Any]] = []
    bare: list[str] = []
    for source in sources:
        for call in eager_calls(source):
            if not call.args:
                bare.append(f"{source.path}:{call.lineno}")
                continue
            probe = len(probes)
            probes.append(probe_of(source, call, probe))
            cases += [case_of(source, call, index, probe) for index in range(len(call.args))]
    found = {
        "cases": cases,
        "probes": probes,
        "bare": bare,
        "managers": sorted(families),
        "files": [source.path for source in sources],
        "lines": sum(code_lines(source.data) for source in sources),
    }
    print(json.dumps(found))


def code_lines(data: bytes) -> int:
    texts = (line.strip() for line in data.splitlines())
    return sum(1 for text in texts if text and not text.startswith(b"#"))


def eager_calls(source: Source) -> list[ast.Call]:
    found = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
    ]
    # `select_related(None)` takes back; it loads nothing.
    loading = [call for call in found if not (len(call.args) == 1 and is_none(call.args[0]))]
    return sorted(loading, key=source.end)


def is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def queryset_classes(sources: list[Source]) -> set[str]:
    """Names of the project's own managers and querysets, by what their bases are called, to the last descendant."""
    bases = {
        node.name: [ast.unparse(base) for base in node.bases]
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }
    found: set[str] = set()
    while True:
        more = {
            name
            for name, texts in bases.items()
            if any(QUERYSET_BASE.search(re.sub(r"\(.*", "", text)) or text.rpartition(".")[2] in found for text in texts)
        }
        if more == found:
            return found
        found = more


def case_of(source: Source, call: ast.Call, index: int, probe: int) -> dict[str, Any]:
    assert isinstance(call.func, ast.Attribute)
    argument = call.args[index]
    method = call.func.attr
    if len(call.args) > 1:
        following, previous = call.args[index + 1 : index + 2], call.args[index - 1]
        start, end = (
            (source.start(argument), source.start(following[0]))
            if following
            else (source.end(previous), source.end(argument))
        )
        edit = {"start": start, "end": end, "text": source.blank(start, end)}
    else:
        # A manager alone is no queryset: `.all()` is one wherever `select_related()` was.
        start, end = source.end(call.func) - len(method), source.end(call)
        edit = {"start": start, "end": end, "text": f"all({source.blank(start, end)})"}
    path = lookup_path(argument)
    return {
        "path": source.path,
        "line": argument.lineno,
        "method": method,
        "argument": " ".join(ast.unparse(argument).split()),
        "lookup": path,
        "plain": isinstance(argument, ast.Constant),
        "edit": edit,
        "probe": probe,
        "queryset": lineage(source, call),
    }


def lookup_path(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if isinstance(argument, ast.Call):
        name = ast.unparse(argument.func).rpartition(".")[2]
        given = [*argument.args[:1], *(each.value for each in argument.keywords if each.arg == "lookup")]
        if name in PREFETCH and given:
            return lookup_path(given[0])
    return None


def lineage(source: Source, call: ast.Call) -> list[Lines]:
    """Line ranges of the expressions that are this queryset: its own, and where it goes on under a local name."""
    whole = outermost(source, call)
    statement = next(node for node in source.outward(call) if isinstance(node, ast.stmt))
    function = next(
        (node for node in source.outward(call) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))), None
    )
    ranges = [lines(whole)]
    names = {name for name in [root_name(call)] if name not in (None, "self", "cls")}
    if isinstance(statement, ast.Assign) and statement.value is whole:
        names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    if function is None or not names:
        return ranges
    assigned = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    } | {each.arg for each in function.args.args}
    names &= assigned
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id in names for each in node.targets):
            ranges.append(lines(node.value))
        elif isinstance(node, ast.Call) and root_name(node) in names:
            ranges.append(lines(outermost(source, node)))
    return [list(each) for each in sorted({tuple(each) for each in ranges})]


def outermost(source: Source, call: ast.Call) -> ast.expr:
    """The chain that the call is a link of."""
    node: ast.expr = call
    for parent in source.outward(call):
        if isinstance(parent, ast.Attribute) or (isinstance(parent, (ast.Call, ast.Subscript)) and chained(parent, node)):
            node = parent
        else:
            return node
    return node


@cache
def chain_ending_at(path: str, line: int | None, column: int | None) -> Lines:
    """Lines of the whole chain of which a step ends there. A frame's position begins at the step's own name."""
    source = Source(path, Path(path).read_bytes())
    ending = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and (node.end_lineno, node.end_col_offset) == (line, column)
    ]
    return lines(outermost(source, ending[0])) if ending else [line or 0, line or 0]


def chained(parent: ast.Call | ast.Subscript, node: ast.expr) -> bool:
    return (parent.func if isinstance(parent, ast.Call) else parent.value) is node


def lines(node: ast.expr) -> Lines:
    return [node.lineno, node.end_lineno or node.lineno]


def root_name(node: ast.expr) -> str | None:
    """`q` of `q.filter(…).select_related(…)`; None where the name itself is no queryset: `project.member_set.all()`."""
    called = False
    while True:
        if isinstance(node, ast.Name):
            return node.id if called else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node, called = node.func.value, True
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await)):
            node, called = node.value, False
        else:
            return None


def probe_of(source: Source, call: ast.Call, number: int) -> dict[str, Any]:
    """Wraps what stands before the method: `q.select_related("a")` becomes `__querysight_probe__(3, q).select_related("a")`.

    What runs once, when its module is imported (`queryset = …` in a view's class), is marked instead: its tests are those that execute it later.
    """
    assert isinstance(call.func, ast.Attribute)
    receiver = call.func.value
    function = "probe" if any(isinstance(node, FUNCTIONS) for node in source.outward(call)) else "mark"
    return {
        "path": source.path,
        "insertions": [
            {"offset": source.start(receiver), "text": f"__querysight_{function}__({number}, "},
            {"offset": source.end(receiver), "text": ")"},
        ],
    }


if __name__ == "__main__":
    main()
