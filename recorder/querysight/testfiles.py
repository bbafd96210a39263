"""Which files hold tests, their fixtures or factories: what they ask of the ORM is the test's own, not the application's."""

from __future__ import annotations

import os
import re

# The server knows the same names (server/src/insights/testFiles.ts).
_CONVENTIONAL = re.compile(r"(^|/)(conftest|factory|factories|tests|test_[^/]*|[^/]*_tests?)\.py$|(^|/)(tests?|testing)/")


class TestFiles:
    """Files by convention, and those that a test of this process was found in."""

    # Not a test itself, whatever pytest thinks of the name.
    __test__ = False

    def __init__(self, root: str) -> None:
        self._inside = root.rstrip(os.sep) + os.sep
        self._named: set[str] = set()

    def add(self, test_id: str) -> None:
        """Take a test's id (``path/of/test_file.py::Class::function``) for its file."""
        self._named.add(test_id.partition("::")[0])

    def has(self, filename: str) -> bool:
        """Whether a code object's file is one; a file outside the project never is."""
        if not filename.startswith(self._inside):
            return False
        path = filename[len(self._inside) :].replace(os.sep, "/")
        return path in self._named or _CONVENTIONAL.search(path) is not None
