"""Write down where CPython says that calls and loops stand, for positions.test.ts.

    python3.11 positions.py calls.txt > positions-3.11.json

Prints `[co_qualname, lineno, end_lineno, col_offset, end_col_offset]` of every call and iteration, lines from 1, columns from 0 in UTF-8 bytes.
"""

from __future__ import annotations

import dis
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

OPERATIONS = {"CALL", "CALL_FUNCTION_EX", "CALL_KW", "FOR_ITER", "GET_ITER"}


def code_objects(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_objects(constant)


def main(path: str) -> None:
    code = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    rows = [
        [inner.co_qualname, *instruction.positions]
        for inner in code_objects(code)
        for instruction in dis.get_instructions(inner)
        if instruction.opname in OPERATIONS and instruction.positions and instruction.positions.lineno
    ]
    print("[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]")


if __name__ == "__main__":
    main(sys.argv[1])
