"""Which files are the user's, and what stands in them.

A user file lies under the recording root, outside virtual environments and package folders, and is not the recorder itself.
"""

from __future__ import annotations

import ast
import hashlib
import io
import os
import tokenize
from copy import copy
from pathlib import Path
from types import CodeType

MAX_TEXT = 2 * 1024 * 1024
_FOREIGN_FOLDERS = frozenset({"site-packages", "dist-packages", "node_modules", ".querysight", ".git", ".tox", ".nox"})
_ENVIRONMENT_FILE = "pyvenv.cfg"
_OWN_FOLDER = os.path.dirname(os.path.realpath(__file__))


class UserFile:
    """A user file as it was read at a site of it. `text` is None where it cannot be read or is too large."""

    __slots__ = ("_codes", "_lines", "_tree", "changed", "digest", "id", "language", "modified_ns", "path", "real", "text")

    def __init__(self, identifier: int, real: str, path: str, language: str) -> None:
        self.id = identifier
        self.real = real
        self.path = path
        self.language = language
        self.changed = False
        self.text, self.modified_ns = _read(real, language)
        self.digest = "" if self.text is None else hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        self._tree: ast.Module | None = None
        self._codes: list[CodeType] | None = None
        self._lines: list[str] | None = None

    def holds(self, code: CodeType, since_ns: int) -> bool:
        """False if the file was saved after `since_ns`, and `code` was not compiled from what was read.

        Where pytest rewrote the module's assertions, only the functions' names and first lines can be compared.
        """
        if self.text is None or self.modified_ns <= since_ns:
            return True
        if self._codes is None:
            try:
                self._codes = _codes(compile(self.text, code.co_filename, "exec", dont_inherit=True))
            except (SyntaxError, ValueError):
                self._codes = []
        rewritten = "@pytest_ar" in code.co_names
        return any(
            rewritten or _shape(other) == _shape(code)
            for other in self._codes
            if other.co_name == code.co_name and other.co_firstlineno == code.co_firstlineno
        )

    def holds_tag(self, line: int, text: str) -> bool:
        """False if a template's tag or variable does not stand on the line, counted as Django's lexer counts them."""
        if self.text is None:
            return True
        if self._lines is None:
            self._lines = self.text.split("\n")
        return line <= len(self._lines) and text.partition("\n")[0] in self._lines[line - 1]

    def class_line(self, qualname: str) -> int:
        """The line of a class statement by its qualified name; 0 where it is not written in this file."""
        found = self.class_body(qualname)
        return 0 if found is None else found.lineno

    def class_body(self, qualname: str) -> ast.ClassDef | None:
        """A class statement by its qualified name (`Outer.Inner`, `function.<locals>.Inner`), if it is written in this file."""
        if self.text is None:
            return None
        if self._tree is None:
            try:
                self._tree = ast.parse(self.text)
            except (SyntaxError, ValueError, RecursionError):
                self._tree = ast.Module(body=[], type_ignores=[])
        node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef = self._tree
        for name in qualname.replace(".<locals>", "()").split("."):
            kind = (ast.FunctionDef, ast.AsyncFunctionDef) if name.endswith("()") else (ast.ClassDef,)
            wanted = name.removesuffix("()")
            found = next((n for n in _statements(node.body) if isinstance(n, kind) and n.name == wanted), None)
            if found is None:
                return None
            node = found
        return node if isinstance(node, ast.ClassDef) else None


class Files:
    """Decides once per `co_filename` or template name, and holds the files that sites refer to."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)
        self._inside = self.root.rstrip(os.sep) + os.sep
        self._user: dict[str, str | None] = {}
        self._foreign: dict[str, bool] = {self.root: False}
        self._files: dict[str, UserFile] = {}
        self._stale: dict[int, UserFile] = {}
        self.by_id: dict[int, UserFile] = {}

    def user_path(self, filename: str) -> str | None:
        """The real path of a user file, or None for everything else. Cached by the name as given."""
        try:
            return self._user[filename]
        except KeyError:
            real = self._user[filename] = self._decide(filename)
            return real

    def file(self, real: str, language: str) -> UserFile:
        """The file record of a user file; read at the first call."""
        found = self._files.get(real)
        return self._read_again(real, language) if found is None else found

    def code_file(self, real: str, code: CodeType, since_ns: int) -> UserFile:
        """The file record for sites in a code object."""
        file = self.file(real, "python")
        return file if file.holds(code, since_ns) else self._stale_twin(file)

    def tag_file(self, real: str, language: str, line: int, text: str, since_ns: int) -> UserFile:
        """The file record for a tag of a template, which may have been saved, and loaded again, while the run goes on."""
        before = self.file(real, language)
        file = self._newest(before)
        if file.modified_ns <= since_ns or file.holds_tag(line, text):
            return file
        return before if before.holds_tag(line, text) else self._stale_twin(file)

    def line_file(self, real: str, language: str, current: bool, since_ns: int) -> UserFile:
        """The same for a template of which only lines are known, and whether it is what stands in the file."""
        before = self.file(real, language)
        if current:
            return self._newest(before)
        return before if before.modified_ns <= since_ns else self._stale_twin(before)

    def _newest(self, known: UserFile) -> UserFile:
        return known if modified(known.real) in {known.modified_ns, 0} else self._read_again(known.real, known.language)

    def _read_again(self, real: str, language: str) -> UserFile:
        path = os.path.relpath(real, self.root).replace(os.sep, "/")
        file = UserFile(len(self.by_id) + 1, real, path, language)
        known = self._files.get(real)
        if known is not None and known.digest == file.digest:
            known.modified_ns = file.modified_ns
            return known
        self._files[real] = self.by_id[file.id] = file
        return file

    def _stale_twin(self, file: UserFile) -> UserFile:
        """The record for sites whose code or template no longer is what stands in the file."""
        found = self._stale.get(file.id)
        if found is None:
            found = self._stale[file.id] = copy(file)
            found.id, found.changed = len(self.by_id) + 1, True
            self.by_id[found.id] = found
        return found

    def _decide(self, filename: str) -> str | None:
        if not filename or filename[0] == "<":
            return None
        try:
            real = os.path.realpath(filename)
            inside = real.startswith(self._inside) and not real.startswith(_OWN_FOLDER + os.sep)
            if not inside or "\\" in real[len(self._inside) :].replace(os.sep, "/"):
                return None
            if self._is_foreign(os.path.dirname(real)) or not os.path.isfile(real):
                return None
        except (OSError, ValueError):
            return None
        return real

    def _is_foreign(self, folder: str) -> bool:
        """True where the folder, or one between it and the root, holds `pyvenv.cfg` or bears a package folder's name."""
        known = self._foreign.get(folder)
        if known is None:
            known = (
                os.path.basename(folder) in _FOREIGN_FOLDERS
                or os.path.exists(os.path.join(folder, _ENVIRONMENT_FILE))
                or self._is_foreign(os.path.dirname(folder))
            )
            self._foreign[folder] = known
        return known


def modified(real: str) -> int:
    """Modification time in ns; 0 where there is no such file."""
    try:
        return os.stat(real).st_mtime_ns
    except OSError:
        return 0


def _read(real: str, language: str) -> tuple[str | None, int]:
    """(text without a BOM and with its line ends, modification time in ns)."""
    try:
        stat = os.stat(real)
        if stat.st_size > MAX_TEXT:
            return None, stat.st_mtime_ns
        with open(real, "rb") as stream:
            data = stream.read()
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0] if language == "python" else "utf-8-sig"
        return data.decode(encoding).removeprefix("\ufeff"), stat.st_mtime_ns
    except (OSError, SyntaxError, ValueError, LookupError):
        return None, 0


def _codes(code: CodeType) -> list[CodeType]:
    found = [code]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found.extend(_codes(constant))
    return found


def _shape(code: CodeType) -> tuple[object, ...]:
    """What an edit changes. Code objects are not compared themselves: on 3.11 what has run differs from what has not."""
    constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
    positions = getattr(code, "co_positions", code.co_lines)
    return code.co_code, code.co_names, list(positions()), repr(constants)


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body and of the `if`/`try`/`with`/function blocks in it."""
    found: list[ast.stmt] = []
    for node in body:
        found.append(node)
        if not isinstance(node, ast.ClassDef):
            found.extend(_statements([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]))
    return found
