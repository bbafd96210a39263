"""The segment file: append-only lines, one append a batch. Never raises."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
# A process id can come back within one run (containers start counting at 1 again).
_NAME_ATTEMPTS = 100


class SegmentWriter:
    """Owns one `<process>.ndjson`.

    A failed write (disk full, read-only folder) switches writing off for good, with one line on stderr:
    the program that is being recorded never notices.
    """

    def __init__(self, run_dir: Path, process: str) -> None:
        self.process = process
        self.path = run_dir / f"{process}.ndjson"
        self._fd = -1
        try:
            run_dir.mkdir(parents=True, exist_ok=True)
            self._open(run_dir)
        except OSError as error:
            self._disable(error)

    def _open(self, run_dir: Path) -> None:
        """Create the file; where the name is taken, take `p<pid>` (a child process of the run)."""
        names = [self.process, f"p{os.getpid()}"]
        names += [f"p{os.getpid()}{attempt:03d}" for attempt in range(_NAME_ATTEMPTS)]
        for name in names:
            path = run_dir / f"{name}.ndjson"
            try:
                self._fd = os.open(path, _FLAGS, 0o644)
            except FileExistsError:
                continue
            self.process, self.path = name, path
            return
        raise FileExistsError(f"no free segment name in {run_dir}")

    @property
    def writable(self) -> bool:
        """False once writing failed or the file was closed."""
        return self._fd >= 0

    def write(self, records: Iterable[Record]) -> None:
        """Append the records as lines, in one append where the system takes it in one."""
        if self._fd < 0:
            return
        data = memoryview(b"".join(encode(record) for record in records))
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            self._disable(error)

    def close(self) -> None:
        """Close the file; later writes do nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError:
                pass

    def _disable(self, error: OSError) -> None:
        self.close()
        try:
            print(f"querysight: recording stopped, cannot write {self.path}: {error}", file=sys.stderr)
        except Exception:
            pass  # stderr itself may be closed


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ESCAPING = json.JSONEncoder(separators=(",", ":"))


def _chunks() -> Callable[[Any, int], Iterable[str]]:
    """What `JSONEncoder.encode` makes anew at each call, which takes half of its time here (CPython's Lib/json/encoder.py)."""
    encoder = json.encoder
    make = getattr(encoder, "c_make_encoder", None)
    if make is not None:
        try:
            made: Callable[[Any, int], Iterable[str]] = make(
                None, _ENCODER.default, encoder.encode_basestring, None, ":", ",", False, False, True
            )
            if "".join(made({"a": [1, None, "é", True]}, 0)) == '{"a":[1,null,"é",true]}':
                return made
        except Exception:
            pass  # another Python's: the public way is only slower
    return lambda record, level: _ENCODER.iterencode(record)


_encoded = _chunks()


def encode(record: Record) -> bytes:
    """One record as one UTF-8 line. Lone surrogates (undecodable file names) are written as escapes."""
    try:
        return "".join(_encoded(record, 0)).encode() + b"\n"
    except UnicodeEncodeError:
        return _ESCAPING.encode(record).encode() + b"\n"
