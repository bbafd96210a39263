"""What one way of watching costs in this process: prints nanoseconds as JSON.

``python cost.py (none|walk|extract|querysight)``. Each figure is the lowest of several rounds, because other programs can only add to it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings

DEPTH = 65
QUERIES = 400
ROUNDS = 9


def configure() -> None:
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.contenttypes"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()


def watch(variant: str, root: Path) -> None:
    from django.db import connection

    if variant == "querysight":
        from querysight.config import Config
        from querysight.session import Session

        run_dir = root / ".querysight" / "runs" / "bench"
        run_dir.mkdir(parents=True)
        here = Path(__file__).resolve().parent
        session = Session.start(Config(root=here, run_dir=run_dir, run="bench", process="main", runner="unknown"))
        session.install()
        session.open_scope("test", test="bench.py::bench", phase="call")
        return

    def walk(execute: Any, *arguments: Any) -> Any:
        frame = sys._getframe(1)
        stack = []
        while frame is not None:
            stack.append((frame.f_code, frame.f_lasti))
            frame = frame.f_back  # type: ignore[assignment]
        return execute(*arguments)

    def extract(execute: Any, *arguments: Any) -> Any:
        traceback.extract_stack()
        return execute(*arguments)

    if variant != "none":
        connection.execute_wrappers.insert(0, {"walk": walk, "extract": extract}[variant])


def deep(depth: int, body: Callable[[], Any]) -> Any:
    return body() if depth == 0 else deep(depth - 1, body)


def lowest(body: Callable[[], Any], count: int) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        body()
        times.append(time.perf_counter_ns() - started)
    return min(times) / count


def main(variant: str) -> None:
    configure()
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)
    ContentType.objects.bulk_create(ContentType(app_label="bench", model=f"model{i}") for i in range(1000))

    def loop() -> None:
        for _ in range(QUERIES):
            ContentType.objects.filter(pk=1).first()

    makers: list[Callable[[], Any]] = []
    for number in range(QUERIES * ROUNDS):
        scope: dict[str, Any] = {"ContentType": ContentType}
        # A file name of its own makes each a new user frame.
        source = compile("def run():\n    return ContentType.objects.filter(pk=1).first()\n", f"{__file__}.{number}.py", "exec")
        exec(source, scope)
        makers.append(scope["run"])

    def ever_new() -> None:
        for _ in range(QUERIES):
            makers.pop()()

    def rows() -> None:
        len(ContentType.objects.filter(app_label="bench"))

    def constructions() -> None:
        for _ in range(QUERIES):
            ContentType.objects.all()

    with tempfile.TemporaryDirectory() as folder:
        watch(variant, Path(folder))
        loop()
        figures = {
            "shallow": lowest(loop, QUERIES),
            "deep": lowest(lambda: deep(DEPTH, loop), QUERIES),
            "new": lowest(lambda: deep(DEPTH, ever_new), QUERIES),
            "row": lowest(rows, 1000),
            "construction": lowest(constructions, QUERIES),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1])
