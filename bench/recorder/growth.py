"""How large a segment is after so many executions of one N+1 in one scope: prints its bytes.

``python growth.py EXECUTIONS``
"""

from __future__ import annotations

import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from watching import Querysight


def main(executions: int, folder: Path) -> int:
    watching = Querysight(folder)
    from shelf.models import Book

    def loop() -> None:
        # The same thousand rows again and again: what they loaded is forgotten.
        for book in islice(cycle(list(Book.objects.all())), executions):
            book._state.fields_cache.clear()
            book.author  # noqa: B018

    watching.scope(loop)
    return watching.segment.stat().st_size


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(main(int(sys.argv[1]), Path(temporary)))
