"""Write down the statements and calls of Python files as CPython itself reads them, for randomEdits.test.ts.

    python3 statements.py [--ruff PROGRAM] FILE... > statements.json

Prints one object a file: its text as it stands, as `ast.unparse` writes it and, with a program for it, as ruff formats it; each with its statements in their order.
Files that CPython cannot read are left out.
"""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
CLAUSES = (ast.ExceptHandler, ast.match_case)


def blocks(node: ast.AST) -> Iterator[tuple[str, list[ast.AST]]]:
    """The lists of statements or clauses that a statement holds, by field."""
    for name, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], (ast.stmt, *CLAUSES)):
            yield name, value


def first_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])  # type: ignore[attr-defined]


class Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.units: list[dict[str, object]] = []
        self.calls: list[dict[str, object]] = []
        self.read(ast.parse(text), -1)

    def read(self, node: ast.AST, tag: int) -> None:
        for name, nodes in blocks(node):
            for index, inner in enumerate(nodes):
                is_elif = name == "orelse" and index == 0 and self.starts_with(inner, "elif")
                self.read_unit(inner, tag, name, is_elif)

    def starts_with(self, node: ast.AST, word: str) -> bool:
        return self.lines[first_line(node) - 1].lstrip().startswith(word)

    def read_unit(self, node: ast.AST, parent: int, suite: str, is_elif: bool) -> None:
        start = first_line(node)
        inside = [inner for _, nodes in blocks(node) for inner in nodes]
        end: int = getattr(node, "end_lineno", start) or start
        header_end = min([end, *(first_line(inner) - 1 for inner in inside)])
        shares_line = any(unit["start"] <= start <= unit["headerEnd"] for unit in self.units[-1:])  # type: ignore[operator]
        tag = len(self.units) - 1 if shares_line else len(self.units)
        if not shares_line:
            kind = "definition" if isinstance(node, DEFINITIONS) else "compound" if inside else "simple"
            self.units.append(
                {
                    "parent": parent,
                    "suite": suite,
                    "kind": "clause" if is_elif or isinstance(node, CLAUSES) else kind,
                    "name": getattr(node, "name", None) if isinstance(node, DEFINITIONS) else None,
                    "start": start,
                    "headerEnd": max(start, header_end),
                }
            )
        for expression in ast.iter_child_nodes(node):
            if not isinstance(expression, (ast.stmt, *CLAUSES)):
                self.read_calls(expression, tag)
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self.add_place(node, tag, "loop")
        self.read(node, tag)

    def read_calls(self, node: ast.AST, tag: int) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                self.add_place(inner, tag, "call")

    def add_place(self, node: ast.expr | ast.stmt, tag: int, kind: str) -> None:
        self.calls.append(
            {
                "kind": kind,
                "tag": tag,
                "line": node.lineno,
                "column": node.col_offset,
                "endLine": node.end_lineno,
                "endColumn": node.end_col_offset,
            }
        )


def string_lines(text: str) -> list[int]:
    """Lines that begin within a string: they cannot be indented."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING or token.type == getattr(tokenize, "FSTRING_MIDDLE", -1):
            found.update(range(token.start[0] + 1, token.end[0] + 1))
    return sorted(found)


def describe(text: str) -> dict[str, object]:
    reader = Reader(text)
    return {"text": text, "units": reader.units, "calls": reader.calls, "stringLines": string_lines(text)}


def formatted(paths: list[str], program: str) -> dict[str, str]:
    """What ruff makes of each file, by path. One process for all of them; what it cannot read is left as it stands."""
    with tempfile.TemporaryDirectory() as folder:
        copies = {path: Path(folder, f"{index}.py") for index, path in enumerate(paths)}
        for path, copy in copies.items():
            copy.write_bytes(Path(path).read_bytes())
        subprocess.run([program, "format", "--isolated", "--quiet", "--line-length", "60", folder], check=False)
        return {path: read(copy) for path, copy in copies.items()}


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def starts(text: str) -> list[int]:
    """The first line of each statement and clause, in the order in which `ast` has them."""
    found: list[int] = []

    def visit(node: ast.AST) -> None:
        for _, nodes in blocks(node):
            for inner in nodes:
                found.append(first_line(inner))
                visit(inner)

    visit(ast.parse(text))
    return found


def main(paths: list[str]) -> None:
    ruff = None
    if paths[:1] == ["--ruff"]:
        ruff, paths = paths[1], paths[2:]
    styled = formatted(paths, ruff) if ruff else {}
    result = []
    for path in paths:
        text = read(Path(path))
        if any(character in text for character in "\f\v\r\x1c\x85\u2028\ufffd\ufeff"):
            continue
        try:
            texts = [text, ast.unparse(ast.parse(text)) + "\n", *([styled[path]] if ruff else [])]
            versions = [{**describe(each), "starts": starts(each)} for each in texts]
        except (SyntaxError, ValueError, tokenize.TokenError):
            continue
        result.append({"path": path, "versions": versions})
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
